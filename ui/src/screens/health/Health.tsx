import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check as Tick, CircleHelp, TriangleAlert } from 'lucide-react'
import { useCallback } from 'react'
import type { Schemas } from '../../api/client'
import { useLive } from '../../api/live'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { healthQuery, wrongOf } from '../../shell/needs'
import { CHECKS } from '../../words/checks'
import { formatAgo } from '../../words/format'
import './health.css'
import { Numbers } from './Numbers'
import { SupportButton } from './Support'
import { Versions } from './Versions'
import { Ways } from './Ways'

/** Is it well? Every check and alarm with what helps, and the library in numbers. */
export function Health() {
  const { data, error, refetch, isFetching } = useQuery({ ...healthQuery, refetchInterval: 60_000 })
  const again = useCallback(() => void queries.invalidateQueries({ queryKey: healthQuery.queryKey }), [])
  useLive('alarm', again)
  if (error !== null && data === undefined)
    return (
      <div className="body">
        <Trouble error={error} onRetry={() => void refetch()} />
      </div>
    )
  if (!data)
    return (
      <div className="body" aria-busy>
        <span className="skeleton health-skeleton" />
      </div>
    )
  return (
    <div className="body health">
      <div>
        <header className="health-head">
          <Headline health={data} />
          <Button kind="quiet" busy={isFetching} onClick={() => void refetch()}>
            <Trans>Look again</Trans>
          </Button>
        </header>
        {data.alarms.map((alarm) => (
          <Alarm key={alarm.name} alarm={alarm} />
        ))}
        <section aria-labelledby="checks">
          <h3 id="checks">
            <Trans>Checks</Trans>
          </h3>
          <ul className="checks">
            {data.checks.map((check) => (
              <CheckRow key={check.name} check={check} />
            ))}
          </ul>
        </section>
        <Ways />
        <Numbers />
      </div>
      <Aside health={data} />
    </div>
  )
}

function Headline({ health }: { health: Schemas['HealthView'] }) {
  const needs = wrongOf(health).length
  return (
    <div className="grow">
      <h2 className="health-title">
        {needs === 0 ? (
          <Trans>All is well</Trans>
        ) : (
          <Plural value={needs} one="# thing needs you" other="# things need you" />
        )}
      </h2>
      <p className="soft">
        <Trans>Looked at every minute while this page is open, and every five otherwise.</Trans>
      </p>
    </div>
  )
}

function Alarm({ alarm }: { alarm: Schemas['AlarmView'] }) {
  const { i18n } = useLingui()
  const words = CHECKS[alarm.name]
  const Icon = words?.icon ?? TriangleAlert
  const since = formatAgo(alarm.since)
  return (
    <div className="note health-alarm" data-family="you" role="alert">
      <Icon className="icon" aria-hidden />
      <div className="grow">
        <div className="strong">{alarm.message}</div>
        <div className="small soft">
          {words && i18n._(words.remedy)} <Trans>It stands since {since}.</Trans>
        </div>
      </div>
      <Remedy name={alarm.name} />
    </div>
  )
}

function Remedy({ name }: { name: string }) {
  const { i18n } = useLingui()
  const words = CHECKS[name]
  if (!words?.to || !words.button) return null
  return (
    <Link
      className="btn"
      data-kind="you"
      to={words.to}
      search={{
        ...(words.section ? { section: words.section } : {}),
        ...(words.text ? { text: words.text } : {}),
      }}
    >
      {i18n._(words.button)}
    </Link>
  )
}

function CheckRow({ check }: { check: Schemas['Check'] }) {
  const { i18n } = useLingui()
  const words = CHECKS[check.name]
  const Icon = words?.icon ?? CircleHelp
  return (
    <li data-failing={check.ok ? undefined : ''}>
      <Icon className="icon" aria-hidden />
      <span className="strong">{words ? i18n._(words.label) : check.name}</span>
      <span className="soft grow">
        {check.detail}
        {!check.ok && words && <> {i18n._(words.remedy)}</>}
      </span>
      {check.ok ? (
        <span className="reason" data-family="ok" data-plain>
          <Tick className="icon" aria-hidden />
          <Trans>well</Trans>
        </span>
      ) : (
        <span className="reason" data-family="you">
          <TriangleAlert className="icon" aria-hidden />
          <Trans>needs you</Trans>
        </span>
      )}
    </li>
  )
}

function Aside({ health }: { health: Schemas['HealthView'] }) {
  const mayLogs = useMay('audit:read')
  return (
    <aside className="col health-aside">
      <Versions health={health} />
      {mayLogs && (
        <section className="card" data-flat>
          <h3>
            <Trans>For who helps you</Trans>
          </h3>
          <p className="small soft">
            <Trans>
              One file with all versions, the settings without their secrets, the checks and the latest lines
              of the log. Nothing of your library is in it.
            </Trans>
          </p>
          <div className="row wrap">
            <SupportButton />
            <Link className="btn" data-kind="quiet" to="/settings/logs">
              <Trans>See the log</Trans>
            </Link>
          </div>
        </section>
      )}
    </aside>
  )
}
