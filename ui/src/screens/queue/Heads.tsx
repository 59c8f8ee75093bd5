import { Trans, useLingui } from '@lingui/react/macro'
import { Pause, Play } from 'lucide-react'
import type { Schemas } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { useNow } from '../../parts/Job'
import { PlatformSign } from '../../parts/Platform'
import { ReasonPill } from '../../parts/Reason'
import { pauseLane, type Lanes } from '../../shell/lanes'
import { formatAt, formatShort, formatWhen } from '../../words/format'
import { LANES, type Lane } from '../../words/jobs'
import { platformOf } from '../../words/platforms'

type Budget = Schemas['BudgetItem']

/** A lane: how much of it is at work, and whether it stands still. */
export function LaneHead({ lane, lanes, empty }: { lane: Lane; lanes: Lanes | undefined; empty: boolean }) {
  const { i18n } = useLingui()
  const view = lanes?.lanes.find((each) => each.lane === lane)
  const { name, about } = LANES[lane]
  const [running, limit] = [view?.running ?? 0, view?.limit ?? 0]
  const since = view?.paused_since ?? null
  const at = since === null ? '' : formatWhen(since)
  return (
    <header className="lane-head">
      <h2>{i18n._(name)}</h2>
      {view && <Beads running={view.running} limit={view.limit} />}
      <span className="small muted about">
        {view && (
          <Trans>
            {running} of {limit} at work
          </Trans>
        )}
        <span className="desk"> · {i18n._(about)}</span>
      </span>
      {since !== null && (
        <span className="reason">
          <Pause className="icon" aria-hidden />
          <Trans>Paused since {at}</Trans>
        </span>
      )}
      {since !== null && empty && (
        <span className="small muted desk">
          <Trans>Nothing waits in it.</Trans>
        </span>
      )}
      <PauseButton
        name={i18n._(name)}
        paused={since !== null}
        onSet={(paused) => pauseLane(lane, '', paused)}
      />
    </header>
  )
}

/** A platform of a lane: how fast it may be asked, and whether it stands still. */
export function PlatformHead({
  lane,
  platform,
  lanes,
}: {
  lane: Lane
  platform: string
  lanes: Lanes | undefined
}) {
  const view = lanes?.lanes
    .find((each) => each.lane === lane)
    ?.platforms.find((each) => each.platform === platform)
  const { name } = platformOf(platform)
  const since = view?.paused_since ?? null
  const at = since === null ? '' : formatWhen(since)
  return (
    <div className="platform-head">
      <PlatformSign platform={platform} named />
      <h3>{name}</h3>
      <span className="small muted cut pace">
        <Pace budgets={lanes?.budgets.filter((budget) => budget.platform === platform) ?? []} />
      </span>
      {since !== null && (
        <span className="reason">
          <Pause className="icon" aria-hidden />
          <Trans>Paused since {at}</Trans>
        </span>
      )}
      <PauseButton
        name={name}
        paused={since !== null}
        onSet={(paused) => pauseLane(lane, platform, paused)}
      />
    </div>
  )
}

/** The places of a lane: free ones are full, those at work fill up. */
function Beads({ running, limit }: { running: number; limit: number }) {
  const { t } = useLingui()
  const shown = Math.min(limit, 12)
  const busy = Math.min(shown, Math.ceil((running / Math.max(1, limit)) * shown))
  const free = limit - running
  return (
    <span className="beads" role="img" aria-label={t`${free} of ${limit} places are free`}>
      {Array.from({ length: shown }, (_, index) => (
        <i
          key={index}
          data-full={index < shown - busy ? '' : undefined}
          data-next={index >= shown - busy ? '' : undefined}
        />
      ))}
    </span>
  )
}

/** How fast a platform may be asked now, in words; of several budgets the one that holds up longest. */
function Pace({ budgets }: { budgets: Budget[] }) {
  const now = useNow(1000)
  const until = (moment: string | null) => (moment === null ? 0 : new Date(moment).getTime() - now)
  const blocked = budgets.toSorted((a, b) => until(b.blocked_until) - until(a.blocked_until))[0]
  if (blocked?.blocked_until != null && until(blocked.blocked_until) > 0) {
    const when = formatAt(blocked.blocked_until)
    return (
      <ReasonPill reason={blocked.broken ? 'unavailable' : 'rate_limited'}>
        <Trans>Goes on {when}</Trans>
      </ReasonPill>
    )
  }
  const slowest = budgets.toSorted((a, b) => b.interval_s - a.interval_s)[0]
  if (slowest === undefined) return null
  const next = Math.ceil(until(slowest.next_at) / 1000)
  const pace = formatShort(slowest.interval_s)
  if (slowest.interval_s <= 0) return <Trans>no pause between requests</Trans>
  return next > 0 ? (
    <Trans>
      a request every {pace} s · next in {next} s
    </Trans>
  ) : (
    <Trans>a request every {pace} s</Trans>
  )
}

interface PauseProps {
  name: string
  paused: boolean
  onSet: (paused: boolean) => Promise<void>
}

function PauseButton({ name, paused, onSet }: PauseProps) {
  const { t } = useLingui()
  if (!useMay('queue:write')) return null
  return (
    <Button
      kind="quiet"
      size="sm"
      icon={paused ? Play : Pause}
      aria-label={paused ? t`Resume ${name}` : t`Pause ${name}`}
      onClick={() => void onSet(!paused)}
    />
  )
}
