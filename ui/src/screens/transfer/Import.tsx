import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, FileText, FileUp } from 'lucide-react'
import { useRef, useState, type ReactNode } from 'react'
import { Button } from '../../parts/Button'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { formatBytes, formatNumber, formatPercent } from '../../words/format'
import { send, wasAborted, type Report } from './sending'

type Step =
  | { at: 'start' }
  | { at: 'sending'; dryRun: boolean; part: number }
  | { at: 'looked'; report: Report }
  | { at: 'done'; report: Report }

/** Takes a file of lines in: first only looked at, then for real. */
export function Import() {
  const [file, setFile] = useState<File | null>(null)
  const [step, setStep] = useState<Step>({ at: 'start' })
  const [error, setError] = useState<unknown>(null)
  const stop = useRef<AbortController>(null)
  const begin = async (chosen: File, dryRun: boolean) => {
    const abort = new AbortController()
    stop.current = abort
    setFile(chosen)
    setError(null)
    setStep({ at: 'sending', dryRun, part: 0 })
    try {
      const report = await send(
        chosen,
        dryRun,
        (part) => setStep({ at: 'sending', dryRun, part }),
        abort.signal,
      )
      setStep({ at: dryRun ? 'looked' : 'done', report })
      if (!dryRun) await queries.invalidateQueries()
    } catch (caught) {
      setStep({ at: 'start' })
      if (!wasAborted(caught)) setError(caught)
    }
  }
  const again = () => {
    setFile(null)
    setError(null)
    setStep({ at: 'start' })
  }
  return (
    <section className="card" aria-labelledby="import">
      <h3 id="import">
        <Trans>Import</Trans>
      </h3>
      <p className="small soft">
        <Trans>
          A file of JSON lines as the export writes it, from here or from another Gatherum. It is looked at
          first, and changes nothing before you say so. What you have stays as it is.
        </Trans>
      </p>
      {file !== null && (
        <div className="row transfer-file">
          <FileText className="icon" aria-hidden />
          <span className="grow cut strong">{file.name}</span>
          <span className="muted small nowrap">{formatBytes(file.size)}</span>
        </div>
      )}
      {step.at === 'start' && <Drop onFile={(chosen) => void begin(chosen, true)} />}
      {step.at === 'sending' && <Sending step={step} onStop={() => stop.current?.abort()} />}
      {(step.at === 'looked' || step.at === 'done') && <Told report={step.report} />}
      {step.at === 'looked' && (
        <div className="row wrap">
          {step.report.new > 0 && file !== null && (
            <Button kind="primary" onClick={() => void begin(file, false)}>
              <Plural value={step.report.new} one="Take in # line" other="Take in # lines" />
            </Button>
          )}
          <Button kind="quiet" onClick={again}>
            <Trans>Choose another file</Trans>
          </Button>
          {step.report.new === 0 && (
            <span className="small soft">
              <Trans>There is nothing new in it.</Trans>
            </span>
          )}
        </div>
      )}
      {step.at === 'done' && (
        <Button onClick={again}>
          <Trans>Import another file</Trans>
        </Button>
      )}
      {error !== null && <Trouble error={error} />}
    </section>
  )
}

function Drop({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useLingui()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the button inside does the same
    <div
      className="transfer-drop"
      data-over={over ? '' : undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        const file = event.dataTransfer.files[0]
        if (file) onFile(file)
      }}
    >
      <FileUp className="icon" aria-hidden />
      <span className="small soft">
        <Trans>Drop the file here</Trans>
      </span>
      <Button onClick={() => input.current?.click()}>
        <Trans>Choose a file</Trans>
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t`File to import`}
        accept=".jsonl,.ndjson,.json,application/x-ndjson"
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file) onFile(file)
          event.target.value = ''
        }}
      />
    </div>
  )
}

function Sending({
  step: { part, dryRun },
  onStop,
}: {
  step: { part: number; dryRun: boolean }
  onStop: () => void
}) {
  const { t } = useLingui()
  const done = formatPercent(part)
  return (
    <div className="col" role="status">
      <div className="row">
        <span className="grow">
          {dryRun ? <Trans>Looking through it: {done}</Trans> : <Trans>Taking it in: {done}</Trans>}
        </span>
        <Button size="sm" kind="quiet" onClick={onStop}>
          <Trans>Stop</Trans>
        </Button>
      </div>
      <span
        className="bar"
        role="progressbar"
        aria-label={t`Import`}
        aria-valuenow={Math.round(part * 100)}
        style={{ '--p': part * 100 }}
      >
        <i />
      </span>
      {!dryRun && (
        <span className="tiny muted">
          <Trans>What was taken in until a stop stays. The same file can be sent again.</Trans>
        </span>
      )}
    </div>
  )
}

function Told({ report }: { report: Report }) {
  const more = report.refused_count - report.refused.length
  return (
    <div className="transfer-report" role="status">
      <p className="strong row">
        {!report.dry_run && <Check className="icon" aria-hidden />}
        {report.dry_run ? (
          <Plural
            value={report.read}
            one="# line was looked at. Nothing is changed yet."
            other="# lines were looked at. Nothing is changed yet."
          />
        ) : (
          <Plural value={report.new} one="# line was taken in." other="# lines were taken in." />
        )}
      </p>
      <dl className="transfer-counts">
        <Fact label={report.dry_run ? <Trans>would be new</Trans> : <Trans>new</Trans>} value={report.new} />
        <Fact label={<Trans>known, stay as they are</Trans>} value={report.known} />
        <Fact label={<Trans>refused</Trans>} value={report.refused_count} tone={report.refused_count > 0} />
      </dl>
      {report.refused.length > 0 && (
        <div className="transfer-refused">
          <table className="table">
            <thead>
              <tr>
                <th scope="col" className="num">
                  <Trans>Line</Trans>
                </th>
                <th scope="col">
                  <Trans>Why it is refused</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {report.refused.map(({ line, why }) => (
                <tr key={`${line}-${why}`}>
                  <td className="num">{formatNumber(line)}</td>
                  <td className="small">{why}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {more > 0 && (
            <p className="small muted">
              <Plural value={more} one="and # more" other="and # more" />
            </p>
          )}
        </div>
      )}
    </div>
  )
}

function Fact({ label, value, tone }: { label: ReactNode; value: number; tone?: boolean }) {
  return (
    <div data-tone={tone ? 'stuck' : undefined}>
      <dd>{formatNumber(value)}</dd>
      <dt className="small soft">{label}</dt>
    </div>
  )
}
