import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import { msg } from '@lingui/core/macro'
import { Download } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from '../../parts/Button'
import { Trouble } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { formatBytes } from '../../words/format'
import { saveFile } from '../health/save'
import { fitsTable, receive, WHAT, wasAborted, type Format, type What } from './sending'

const route = getRouteApi('/inside/settings/transfer')

const WORDS = {
  all: [msg`Everything`, msg`All of the below: what another Gatherum needs to go on.`],
  history: [msg`History`, msg`Posts and media: what you have, and what you do not want again.`],
  posts: [msg`Posts`, msg`Captions, authors, links and dates.`],
  media: [msg`Media`, msg`Each file with its place, checksum, tags and fate.`],
  subscriptions: [msg`Subscriptions`, msg`What you follow, when, and with which filter.`],
  settings: [msg`Settings`, msg`All but secrets.`],
} as const

/** Chooses what goes out, and in which form; then it comes with how much there is so far. */
export function Export() {
  const { t, i18n } = useLingui()
  const navigate = useNavigate()
  const search = route.useSearch()
  const what = WHAT.find((one) => one === search.what) ?? 'all'
  const format: Format = search.format === 'csv' && fitsTable(what) ? 'csv' : 'jsonl'
  const [bytes, setBytes] = useState<number | null>(null)
  const [error, setError] = useState<unknown>(null)
  const stop = useRef<AbortController>(null)
  const choose = (next: What, form: Format) =>
    void navigate({
      to: '/settings/transfer',
      search: {
        what: next === 'all' ? undefined : next,
        format: form === 'csv' && fitsTable(next) ? 'csv' : undefined,
      },
      replace: true,
    })
  const go = async () => {
    const abort = new AbortController()
    stop.current = abort
    setError(null)
    setBytes(0)
    try {
      const file = await receive(what, format, setBytes, abort.signal)
      saveFile(what, format, [file])
      const size = formatBytes(file.size)
      say(<Trans>The export is whole: {size}.</Trans>)
    } catch (caught) {
      if (!wasAborted(caught)) setError(caught)
    } finally {
      setBytes(null)
    }
  }
  const soFar = formatBytes(bytes ?? 0)
  return (
    <section className="card" aria-labelledby="export">
      <h3 id="export">
        <Trans>Export</Trans>
      </h3>
      <fieldset className="transfer-what">
        <legend className="vh">
          <Trans>What goes out</Trans>
        </legend>
        {WHAT.map((one) => (
          <label key={one} data-chosen={one === what ? '' : undefined}>
            <input
              type="radio"
              name="what"
              value={one}
              checked={one === what}
              onChange={() => choose(one, format)}
            />
            <span className="strong">{i18n._(WORDS[one][0])}</span>
            <span className="small soft">{i18n._(WORDS[one][1])}</span>
          </label>
        ))}
      </fieldset>
      <div className="row wrap transfer-form">
        <div className="seg" role="group" aria-label={t`Form`}>
          <button type="button" aria-pressed={format === 'jsonl'} onClick={() => choose(what, 'jsonl')}>
            <Trans>JSON lines</Trans>
          </button>
          <button
            type="button"
            aria-pressed={format === 'csv'}
            disabled={!fitsTable(what)}
            onClick={() => choose(what, 'csv')}
          >
            <Trans>CSV</Trans>
          </button>
        </div>
        <span className="small muted">
          {fitsTable(what) ? (
            format === 'csv' ? (
              <Trans>For spreadsheets. It cannot be imported again.</Trans>
            ) : (
              <Trans>What the import takes.</Trans>
            )
          ) : (
            <Trans>A table holds one kind of thing: choose one for CSV.</Trans>
          )}
        </span>
      </div>
      {error !== null && <Trouble error={error} />}
      <div className="row wrap">
        <Button kind="primary" icon={Download} busy={bytes !== null} onClick={() => void go()}>
          {bytes === null ? <Trans>Export</Trans> : <Trans>Exporting</Trans>}
        </Button>
        {bytes !== null && (
          <>
            <span className="soft" role="status">
              <Trans>{soFar} so far</Trans>
            </span>
            <Button kind="quiet" onClick={() => stop.current?.abort()}>
              <Trans>Stop</Trans>
            </Button>
          </>
        )}
      </div>
      <p className="tiny muted">
        <Trans>It asks for a fresh proof of who you are, and is written to the audit.</Trans>
      </p>
    </section>
  )
}
