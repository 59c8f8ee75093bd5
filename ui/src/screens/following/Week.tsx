/** The hours of the week ahead: how busy a platform's lane is already, and where this one falls. */
import { useQuery } from '@tanstack/react-query'
import { Trans, useLingui } from '@lingui/react/macro'
import { useMemo } from 'react'
import { api, take } from '../../api/client'
import { useMay } from '../../api/me'
import { platformOf } from '../../words/platforms'
import { cellOf, here } from './schedule'

const HOUR_MS = 3_600_000
const DAYS = 7

interface WeekProps {
  platform: string
  runs: readonly { at: string }[]
  /** It is due in every hour. */
  always: boolean
}

export function Week({ platform, runs, always }: WeekProps) {
  const { t, i18n } = useLingui()
  const may = useMay('queue:read')
  const { data } = useQuery({
    queryKey: ['lanes', 'load'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/lanes/load', { params: { query: { days: DAYS } }, signal })),
    staleTime: 300_000,
    enabled: may,
  })
  const zone = here()
  const cells = useMemo(() => {
    const week = Array.from({ length: DAYS }, () => Array.from({ length: 24 }, () => 0))
    if (data === undefined) return week
    for (const load of data.platforms) {
      if (load.lane !== 'sync' || load.platform !== platform) continue
      load.due.forEach((due, hour) => {
        const { day, hour: at } = cellOf(data.start * 1000 + hour * HOUR_MS, zone)
        const row = week[day]
        if (row) row[at] = (row[at] ?? 0) + due
      })
    }
    return week
  }, [data, platform, zone])
  const mine = useMemo(() => {
    const until = (data?.start ?? 0) * 1000 + DAYS * 24 * HOUR_MS
    const found = runs.map((run) => Date.parse(run.at)).filter((at) => at < until)
    return new Set(
      found.map((at) => {
        const { day, hour } = cellOf(at, zone)
        return `${day}:${hour}`
      }),
    )
  }, [runs, zone, data])
  if (!may) return null
  const most = Math.max(1, ...cells.flat())
  const { name } = platformOf(platform)
  const dayName = (day: number) =>
    new Date(2026, 5, day + 1).toLocaleDateString(i18n.locale, { weekday: 'short' })
  return (
    <figure className="weekmap">
      <div
        className="week"
        role="img"
        aria-label={t`How busy ${name} is in each hour of the week, and when this one is due`}
      >
        {cells.map((hours, day) => (
          <div key={day} className="weekday" aria-hidden>
            <span>{dayName(day).slice(0, 2)}</span>
            {hours.map((count, hour) => (
              <i
                key={hour}
                data-n={count === 0 ? undefined : Math.ceil((count / most) * 3)}
                data-me={always || mine.has(`${day}:${hour}`) ? '' : undefined}
                title={`${dayName(day)} ${String(hour).padStart(2, '0')}:00 · ${count}`}
              />
            ))}
          </div>
        ))}
      </div>
      <figcaption className="tiny muted">
        <Trans>Green: how busy the lane of {name} is already. Yellow: this one.</Trans>
      </figcaption>
    </figure>
  )
}
