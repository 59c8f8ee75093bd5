import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import type { Schemas } from '../../api/client'
import { PlatformSign } from '../../parts/Platform'
import { ReasonPill } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { statsQuery } from '../../shell/suggestions'
import { DAY_MS } from '../../words/days'
import { formatBytes, formatDayTime, formatNumber, formatPercent, formatUtcDay } from '../../words/format'
import { platformOf } from '../../words/platforms'

type Stats = Schemas['Stats']

const DAYS = 60

/** The library in numbers: room, growth, platforms, and what was left out. */
export function Numbers() {
  const { data, error, refetch } = useQuery(statsQuery)
  if (error !== null && data === undefined) return <Trouble error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <span className="skeleton health-skeleton" />
  const at = formatDayTime(data.at)
  return (
    <>
      <Room stats={data} />
      <Growth growth={data.library.growth} now={Date.parse(data.at)} />
      <div className="health-two">
        <Platforms counts={data.library.counts} />
        <LeftOut failures={data.library.failures} />
      </div>
      <p className="tiny muted">
        <Trans>Counted at {at}; at most five minutes old.</Trans>
      </p>
    </>
  )
}

function Room({ stats: { library, disk } }: { stats: Stats }) {
  const { t } = useLingui()
  const used = disk.total - disk.free
  const ours = library.bytes + library.trash_bytes + disk.database
  const part = (bytes: number) => `${(bytes / Math.max(1, disk.total)) * 100}%`
  const [free, total, share] = [
    formatBytes(disk.free),
    formatBytes(disk.total),
    formatPercent(used / Math.max(1, disk.total)),
  ]
  return (
    <section aria-labelledby="room">
      <h3 id="room">
        <Trans>
          {free} of {total} are free
        </Trans>
      </h3>
      <div className="room" role="img" aria-label={t`${share} of the disk is used`}>
        <i data-part="ours" style={{ width: part(Math.min(ours, used)) }} />
        <i data-part="others" style={{ width: part(Math.max(0, used - ours)) }} />
      </div>
      <dl className="room-parts small">
        <Part
          name="ours"
          label={<Trans>Library</Trans>}
          bytes={library.bytes}
          more={<Plural value={library.stored} one="# file" other="# files" />}
        />
        <Part
          label={<Trans>Recycle bin</Trans>}
          bytes={library.trash_bytes}
          more={<Plural value={library.trash_files} one="# file" other="# files" />}
        />
        <Part label={<Trans>Database</Trans>} bytes={disk.database} />
        <Part name="others" label={<Trans>All else</Trans>} bytes={Math.max(0, used - ours)} />
      </dl>
    </section>
  )
}

interface PartProps {
  name?: string
  label: React.ReactNode
  bytes: number
  more?: React.ReactNode
}

function Part({ name, label, bytes, more }: PartProps) {
  return (
    <div>
      <dt className="muted">
        {name && <i className="dot" data-part={name} aria-hidden />} {label}
      </dt>
      <dd>
        <span className="strong">{formatBytes(bytes)}</span>{' '}
        {more != null && <span className="muted">{more}</span>}
      </dd>
    </div>
  )
}

function Growth({ growth, now }: { growth: Schemas['Growth']; now: number }) {
  const { t } = useLingui()
  const today = Math.floor(now / DAY_MS)
  const days = Array.from({ length: DAYS }, (_, at) => today - DAYS + 1 + at)
  const of = new Map(
    growth.day.map((day, at) => [day, { count: growth.count[at] ?? 0, bytes: growth.bytes[at] ?? 0 }]),
  )
  const counts = days.map((day) => of.get(day)?.count ?? 0)
  const most = Math.max(1, ...counts)
  const sum = counts.reduce((one, other) => one + other, 0)
  const total = formatNumber(sum)
  return (
    <section aria-labelledby="growth">
      <h3 id="growth">
        <Plural value={sum} one="# file came in 60 days" other="# files came in 60 days" />
      </h3>
      <div className="cols" role="img" aria-label={t`Files of each day, ${total} in all`}>
        {days.map((day, at) => {
          const count = counts[at] ?? 0
          const size = formatBytes(of.get(day)?.bytes ?? 0)
          const name = formatUtcDay(day)
          return (
            <i
              key={day}
              className={day === today ? 'now' : undefined}
              title={count ? t`${name}: ${count}, ${size}` : name}
              style={{ height: `${count ? Math.max(4, (count / most) * 100) : 2}%` }}
              data-none={count === 0 ? '' : undefined}
            />
          )
        })}
      </div>
      <div className="row tiny muted">
        <span>{formatUtcDay(days[0] ?? today)}</span>
        <span className="end">
          <Trans>today</Trans>
        </span>
      </div>
    </section>
  )
}

function Platforms({ counts }: { counts: Stats['library']['counts'] }) {
  const rows = new Map<string, { stored: number; bytes: number }>()
  for (const { platform, state, count, bytes } of counts) {
    if (state !== 'stored') continue
    const row = rows.get(platform) ?? { stored: 0, bytes: 0 }
    rows.set(platform, { stored: row.stored + count, bytes: row.bytes + bytes })
  }
  const sorted = [...rows].sort(([, one], [, other]) => other.bytes - one.bytes)
  return (
    <section aria-labelledby="platforms">
      <h3 id="platforms">
        <Trans>Platforms</Trans>
      </h3>
      {sorted.length === 0 ? (
        <p className="small soft">
          <Trans>Nothing is stored yet. Paste a link above.</Trans>
        </p>
      ) : (
        <table className="table health-table">
          <thead>
            <tr>
              <th scope="col">
                <Trans>Platform</Trans>
              </th>
              <th scope="col" className="num">
                <Trans>Media</Trans>
              </th>
              <th scope="col" className="num">
                <Trans>Bytes</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(([platform, { stored, bytes }]) => (
              <tr key={platform}>
                <td>
                  <Link className="row" to="/library" search={{ q: ['platform', platform].join(':') }}>
                    <PlatformSign platform={platform} named /> {platformOf(platform).name}
                  </Link>
                </td>
                <td className="num">{formatNumber(stored)}</td>
                <td className="num">{formatBytes(bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function LeftOut({ failures }: { failures: Readonly<Record<string, number>> }) {
  const sorted = Object.entries(failures).sort(([, one], [, other]) => other - one)
  return (
    <section aria-labelledby="left-out">
      <h3 id="left-out">
        <Trans>Left out, and why</Trans>
      </h3>
      {sorted.length === 0 ? (
        <p className="small soft">
          <Trans>Nothing was left out.</Trans>
        </p>
      ) : (
        <ul className="left-out">
          {sorted.map(([reason, count]) => (
            <li key={reason} className="row">
              <ReasonPill reason={reason} />
              <span className="end strong">{formatNumber(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
