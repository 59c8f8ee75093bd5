import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, TriangleAlert } from 'lucide-react'
import type { Schemas } from '../../api/client'
import { Awaited } from '../../parts/Awaited'
import { healthQuery, wrongOf } from '../../shell/needs'
import { statsQuery } from '../../shell/suggestions'
import { CHECKS } from '../../words/checks'
import { DAY_MS } from '../../words/days'
import { formatBytes } from '../../words/format'

const USUAL = ['disk', 'database', 'queue', 'files']
const MONTH_DAYS = 30

/** Whether it is well, as was looked at and as alarms say; what is not leads to its remedy. */
export function Healthy() {
  const health = useQuery(healthQuery)
  if (health.data === undefined)
    return (
      <section>
        <header>
          <h2>
            <Trans>Healthy?</Trans>
          </h2>
        </header>
        <Awaited query={health} lines={USUAL.length} />
      </section>
    )
  const { checks } = health.data
  const failing = wrongOf(health.data).map(({ name, message }) => ({ name, ok: false, detail: message }))
  const usual = USUAL.flatMap((name) => checks.filter((check) => check.name === name && check.ok))
  const well = usual.filter(({ name }) => !failing.some((one) => one.name === name))
  const wrong = failing.length
  return (
    <section>
      <header>
        <h2>
          <Trans>Healthy?</Trans>
        </h2>
        <Link to="/settings/health" className="reason end" data-family={wrong === 0 ? 'ok' : 'stuck'}>
          {wrong === 0 ? (
            <Check className="icon" aria-hidden />
          ) : (
            <TriangleAlert className="icon" aria-hidden />
          )}
          {wrong === 0 ? (
            <Trans>Yes</Trans>
          ) : (
            <Plural value={wrong} one="One thing is not" other="# things are not" />
          )}
        </Link>
      </header>
      <ul className="health">
        {[...failing, ...well].map((check) => (
          <Row key={check.name} check={check} />
        ))}
      </ul>
    </section>
  )
}

function Row({ check }: { check: Schemas['Check'] }) {
  const { i18n } = useLingui()
  const words = CHECKS[check.name]
  const Icon = check.ok ? (words?.icon ?? Check) : TriangleAlert
  return (
    <li data-ok={check.ok}>
      <Icon className="icon" aria-hidden />
      <span className="grow">
        <span className="strong">{words === undefined ? check.name : i18n._(words.label)}</span>
        <br />
        <span className="muted">{check.name === 'disk' && check.ok ? <Room /> : check.detail}</span>
      </span>
      {!check.ok && (
        <Link to={check.name === 'disk' ? '/library/bin' : '/settings/health'} className="link">
          {check.name === 'disk' ? <Trans>Free up space</Trans> : <Trans>What helps</Trans>}
        </Link>
      )}
    </li>
  )
}

/** How much room there is, and how long it lasts at the pace of the last month. */
function Room() {
  const { data } = useQuery(statsQuery)
  if (data === undefined) return '\u00a0'
  const { free } = data.disk
  const { day, bytes } = data.library.growth
  const from = Math.floor(Date.parse(data.at) / DAY_MS) - MONTH_DAYS
  const month = bytes.filter((_, index) => (day[index] ?? 0) > from).reduce((sum, one) => sum + one, 0)
  const months = month > 0 ? Math.floor(free / month) : Infinity
  const room = formatBytes(free)
  if (months > 120) return <Trans>{room} free</Trans>
  return (
    <>
      <Trans>{room} free</Trans> ·{' '}
      <Plural
        value={months}
        _0="full in less than a month"
        one="full in about a month"
        other="full in about # months"
      />
    </>
  )
}
