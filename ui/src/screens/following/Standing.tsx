/** How a subscription stands, in a pill, and the one button that helps. */
import { Trans, useLingui } from '@lingui/react/macro'
import { Check, Pause, Sprout } from 'lucide-react'
import { nameOf } from '../../words/jobs'
import { Button } from '../../parts/Button'
import { ReasonCard } from '../../parts/Reason'
import { RemedyLink } from '../../parts/Remedy'
import { formatAgo, formatDay, formatNumber, formatWhen } from '../../words/format'
import { remedyOf } from '../../words/remedies'
import { checkNow, unfollow } from './acts'
import type { Standing } from './data'
import type { Subscription } from './schedule'

interface PillProps {
  one: Subscription
  standing: Standing
  posts: number | undefined
  now: number
  /** When it was checked stands beside it. */
  short?: boolean
}

export function StandingPill({ one, standing, posts, now, short }: PillProps) {
  const { t } = useLingui()
  switch (standing.state) {
    case 'paused':
      return (
        <span className="reason">
          <Pause className="icon" aria-hidden />
          <Trans>Paused</Trans>
        </span>
      )
    case 'checking':
      return (
        <span className="reason" data-family="live">
          <i className="dot" data-tone="live" data-busy="" />
          <Trans>Checking</Trans>
        </span>
      )
    case 'reason':
      return (
        <ReasonCard
          reason={standing.reason ?? ''}
          platform={one.platform}
          detail={one.detail}
          story={<Checks one={one} />}
        />
      )
    case 'first':
      return (
        <span className="reason" data-family="ok" data-plain>
          <Sprout className="icon" aria-hidden />
          <Trans>Not checked yet</Trans>
        </span>
      )
    case 'backfill': {
      const part = partOf(one, posts)
      return (
        <span
          className="reason"
          data-family="live"
          title={t`Older posts are fetched slowly; new ones always go ahead.`}
        >
          {part === null ? (
            <i className="dot" data-tone="live" data-busy="" />
          ) : (
            <i className="ring" style={{ '--p': part * 100 }} />
          )}
          <Trans>Back-fill</Trans>
        </span>
      )
    }
    case 'healthy': {
      const ago = formatAgo(one.checked_at ?? one.created_at, now)
      return (
        <span className="reason" data-family="ok" data-plain>
          <Check className="icon" aria-hidden />
          {short ? <Trans>Healthy</Trans> : <Trans>Checked {ago}</Trans>}
        </span>
      )
    }
  }
}

/** When it was checked, when that went well, and when it is checked again. */
function Checks({ one }: { one: Subscription }) {
  return (
    <dl className="facts">
      {one.checked_at !== null && (
        <div>
          <dt>
            <Trans>Checked</Trans>
          </dt>
          <dd>{formatWhen(one.checked_at)}</dd>
        </div>
      )}
      {one.synced_at !== null && (
        <div>
          <dt>
            <Trans>Last went well</Trans>
          </dt>
          <dd>{formatWhen(one.synced_at)}</dd>
        </div>
      )}
      {!one.paused && (
        <div>
          <dt>
            <Trans>Next check</Trans>
          </dt>
          <dd>{formatWhen(one.next_at)}</dd>
        </div>
      )}
    </dl>
  )
}

/** How far a back-fill is, from 0 to 1; null where nobody knows how much there is. */
export function partOf(one: Subscription, posts: number | undefined): number | null {
  return one.limit === null || posts === undefined ? null : Math.min(1, posts / one.limit)
}

/** Where a back-fill is, in words. */
export function useBackfillWords(one: Subscription, posts: number | undefined): string {
  const { t } = useLingui()
  const got = formatNumber(posts ?? 0)
  const oldest = one.brought?.oldest
  if (one.limit === null && oldest != null) {
    const day = formatDay(oldest)
    return t`${got} posts so far, back to ${day}`
  }
  if (one.limit === null) return t`${got} posts so far`
  const all = formatNumber(one.limit)
  return t`${got} of ${all} posts`
}

/** What settles it. Nothing where it goes on by itself, and where nobody can. */
export function Remedy({ one, standing }: { one: Subscription; standing: Standing }) {
  if (standing.state !== 'reason') return null
  if (remedyOf(standing.reason, one.platform) !== null)
    return <RemedyLink reason={standing.reason} platform={one.platform} size="sm" />
  switch (standing.reason) {
    case 'gone':
      return (
        <Button size="sm" kind="soft" onClick={() => void unfollow([one.id], nameOf(one))}>
          <Trans>Unfollow</Trans>
        </Button>
      )
    case 'rate_limited':
    case 'unsupported':
    case 'refused':
      return null
  }
  return (
    <Button size="sm" kind="soft" onClick={() => void checkNow([one.id], nameOf(one))}>
      <Trans>Try now</Trans>
    </Button>
  )
}
