import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { statsQuery } from '../../shell/suggestions'
import { Awaited } from '../../parts/Awaited'
import { DAY_MS, dayOf } from '../../words/days'
import { formatBytes, formatNumber, formatUtcDay } from '../../words/format'

const DAYS = 30

/** How much was stored on each of the last thirty days. */
export function LastDays() {
  const { t } = useLingui()
  const stats = useQuery(statsQuery)
  if (stats.data === undefined)
    return (
      <section>
        <header>
          <h2>
            <Trans>Last 30 days</Trans>
          </h2>
        </header>
        <Awaited query={stats} lines={4} />
      </section>
    )
  const { data } = stats
  const { growth } = data.library
  const today = Math.floor(Date.parse(data.at) / DAY_MS)
  const at = new Map(growth.day.map((day, index) => [day, index]))
  const days = Array.from({ length: DAYS }, (_, index) => {
    const day = today - DAYS + 1 + index
    const place = at.get(day) ?? -1
    return { day, count: growth.count[place] ?? 0, bytes: growth.bytes[place] ?? 0 }
  })
  const most = Math.max(1, ...days.map(({ count }) => count))
  const stored = days.reduce((sum, { count }) => sum + count, 0)
  const size = formatBytes(days.reduce((sum, { bytes }) => sum + bytes, 0))
  const first = formatUtcDay(today - DAYS + 1)
  const since = dayOf((today - DAYS + 1) * DAY_MS)
  const busiest = formatNumber(most)
  return (
    <section>
      <header>
        <h2>
          <Trans>Last 30 days</Trans>
        </h2>
        <span className="end small muted">
          <Link className="link" to="/library" search={{ q: `added>=${since}` }}>
            <Plural value={stored} one="# stored" other="# stored" />
          </Link>{' '}
          · {size}
        </span>
      </header>
      <div className="cols" role="img" aria-label={t`Stored per day since ${first}, at most ${busiest}`}>
        {days.map(({ day, count }) => (
          <i
            key={day}
            title={`${formatUtcDay(day)}: ${formatNumber(count)}`}
            data-now={day === today ? '' : undefined}
            style={{ height: count === 0 ? 2 : `${Math.max(5, (100 * count) / most)}%` }}
          />
        ))}
      </div>
      <div className="row tiny muted ends">
        <span>{first}</span>
        <span className="end">
          <Trans>Today</Trans>
        </span>
      </div>
    </section>
  )
}
