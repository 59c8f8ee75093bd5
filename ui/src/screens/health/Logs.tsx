import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Download, Pause, Play, Search, X } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Switch } from '../../parts/Check'
import { Empty } from '../../parts/Empty'
import { Trouble } from '../../parts/Trouble'
import './health.css'
import { LogLine } from './LogLine'
import { saveFile } from './save'
import { SupportButton } from './Support'
import { useTail, type Filters, type Level, type Line } from './tail'
import { Trace } from './Trace'

const route = getRouteApi('/inside/settings/logs')

/** The log as it is written; with a job, that job from end to end. */
export function Logs() {
  const filters = route.useSearch()
  if (!useMay('audit:read'))
    return (
      <div className="body">
        <Empty title={<Trans>The log is for administrators</Trans>}>
          <Trans>It tells who did what. How things stand is under Health.</Trans>
        </Empty>
      </div>
    )
  return filters.job === undefined ? <Tail filters={filters} /> : <Trace job={filters.job} />
}

function Tail({ filters }: { filters: Filters }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [following, setFollowing] = useState(true)
  const { lines, loading, missed, error, again } = useTail(filters, following)
  const set = (next: Filters) =>
    void navigate({ to: '/settings/logs', search: { ...filters, ...next }, replace: true })
  const filtered = Boolean(filters.level ?? filters.text ?? filters.request)
  const save = () =>
    saveFile(
      'log',
      'jsonl',
      lines.map((line) => `${JSON.stringify(line)}\n`),
    )
  return (
    <div className="body logs">
      <header className="health-head">
        <div className="grow">
          <h2 className="health-title">
            <Trans>Logs</Trans>
          </h2>
          <p className="soft">
            <Trans>
              The latest lines of this server, secrets hidden. Other workers keep logs of their own.
            </Trans>
          </p>
        </div>
        <SupportButton />
      </header>
      <div className="log-tools">
        <Levels level={filters.level} onChange={(level) => set({ level })} />
        <Words text={filters.text ?? ''} onChange={(text) => set({ text })} />
        {filters.request && (
          <span className="token">
            <b>
              <Trans>request</Trans>
            </b>
            <span className="mono">{filters.request}</span>
            <button type="button" aria-label={t`Of all requests`} onClick={() => set({ request: undefined })}>
              <X className="icon" aria-hidden />
            </button>
          </span>
        )}
        <label className="row small" htmlFor="log-requests">
          <Switch
            id="log-requests"
            checked={filters.requests ?? filters.request !== undefined}
            label={t`Requests`}
            disabled={filters.request !== undefined}
            onChange={(shown) => set({ requests: shown || undefined })}
          />
          <Trans>Requests</Trans>
        </label>
        <span className="end" />
        <Button
          kind={following ? 'default' : 'primary'}
          icon={following ? Pause : Play}
          aria-pressed={following}
          onClick={() => setFollowing(!following)}
        >
          {following ? <Trans>Pause</Trans> : <Trans>Follow</Trans>}
        </Button>
        <Button kind="quiet" icon={Download} disabled={lines.length === 0} onClick={save}>
          <Trans>Save lines</Trans>
        </Button>
      </div>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {missed && (
        <p className="small muted">
          <Trans>
            Some lines in between are gone: more came than are kept, or the server was started anew.
          </Trans>
        </p>
      )}
      {lines.length === 0 && !loading && error === null ? (
        <Empty
          title={filtered ? <Trans>No line is like that</Trans> : <Trans>Nothing was written yet</Trans>}
          action={
            filtered && (
              <Button onClick={() => void navigate({ to: '/settings/logs', search: {} })}>
                <Trans>Show all</Trans>
              </Button>
            )
          }
        >
          {following && <Trans>It is looked for each second.</Trans>}
        </Empty>
      ) : (
        <Lines lines={lines} following={following} onLeave={() => setFollowing(false)} />
      )}
      <p className="tiny muted" role="status">
        <Plural value={lines.length} one="# line" other="# lines" /> ·{' '}
        {following ? <Trans>new ones come each second</Trans> : <Trans>paused</Trans>}
      </p>
    </div>
  )
}

interface LinesProps {
  lines: readonly Line[]
  following: boolean
  onLeave: () => void
}

const NEAR_PX = 40

/** The lines, newest last; who scrolls up stops following. */
function Lines({ lines, following, onLeave }: LinesProps) {
  const { t } = useLingui()
  const list = useRef<HTMLOListElement>(null)
  const last = lines.at(-1)?.number
  useLayoutEffect(() => {
    if (following && list.current) list.current.scrollTop = list.current.scrollHeight
  }, [following, last])
  const leave = () => {
    const { current } = list
    if (current && current.scrollHeight - current.scrollTop - current.clientHeight > NEAR_PX) onLeave()
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it scrolls, and must be reached to do so
    <ol
      ref={list}
      className="log"
      aria-label={t`Lines of the log`}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as above
      tabIndex={0}
      onWheel={(event) => event.deltaY < 0 && leave()}
      onTouchMove={leave}
      onKeyUp={(event) => ['PageUp', 'ArrowUp', 'Home'].includes(event.key) && leave()}
    >
      {lines.map((line) => (
        <LogLine key={line.number} line={line} />
      ))}
    </ol>
  )
}

function Levels({
  level,
  onChange,
}: {
  level: Level | undefined
  onChange: (level: Level | undefined) => void
}) {
  const { t } = useLingui()
  const choices: [Level | undefined, string][] = [
    [undefined, t`All`],
    ['info', t`Info`],
    ['warning', t`Warnings`],
    ['error', t`Errors`],
  ]
  return (
    <div className="seg" role="group" aria-label={t`How grave`}>
      {choices.map(([value, name]) => (
        <button key={name} type="button" aria-pressed={level === value} onClick={() => onChange(value)}>
          {name}
        </button>
      ))}
    </div>
  )
}

/** Words that a line must hold; they count once one rests from typing. */
function Words({ text, onChange }: { text: string; onChange: (text: string | undefined) => void }) {
  const { t } = useLingui()
  const [typed, setTyped] = useState(text)
  const [told, setTold] = useState(text)
  if (told !== text) {
    setTold(text)
    setTyped(text)
  }
  const tell = useRef(onChange)
  useEffect(() => {
    tell.current = onChange
  })
  useEffect(() => {
    if (typed.trim() === text) return
    const timer = setTimeout(() => tell.current(typed.trim() || undefined), 250)
    return () => clearTimeout(timer)
  }, [typed, text])
  return (
    <div className="input log-words">
      <Search className="icon" aria-hidden />
      <input
        type="search"
        aria-label={t`Words in a line`}
        placeholder={t`Words, a number of an error, a job`}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  )
}
