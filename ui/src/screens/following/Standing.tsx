/** How a subscription stands, in a pill, and the one button that helps. */
import { Link } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import { Check, Pause, Sprout } from 'lucide-react'
import { Button } from '../../parts/Button'
import { ReasonPill } from '../../parts/Reason'
import { formatFromNow, formatNumber } from '../../words/format'
import { wordsOf } from '../../words/reasons'
import { checkNow, unfollow } from './acts'
import type { Standing } from './data'
import type { Subscription } from './schedule'
import { nameOf } from './words'

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
      return <ReasonPill reason={standing.reason ?? ''} />
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
      const ago = formatFromNow(one.checked_at ?? one.created_at, now)
      return (
        <span className="reason" data-family="ok" data-plain>
          <Check className="icon" aria-hidden />
          {short ? <Trans>Healthy</Trans> : <Trans>Checked {ago}</Trans>}
        </span>
      )
    }
  }
}

/** How far a back-fill is, from 0 to 1; null where nobody knows how much there is. */
export function partOf(one: Subscription, posts: number | undefined): number | null {
  return one.limit === null || posts === undefined ? null : Math.min(1, posts / one.limit)
}

/** Where a back-fill is, in words. */
export function useBackfillWords(one: Subscription, posts: number | undefined): string {
  const { t } = useLingui()
  const got = formatNumber(posts ?? 0)
  if (one.limit === null) return t`${got} posts so far`
  const all = formatNumber(one.limit)
  return t`${got} of ${all} posts`
}

/** What settles it. Nothing where it goes on by itself. */
export function Remedy({ one, standing }: { one: Subscription; standing: Standing }) {
  if (standing.state !== 'reason') return null
  const family = wordsOf(standing.reason)?.family
  const kind = family === 'you' ? 'you' : 'soft'
  switch (standing.reason) {
    case 'login_required':
      return <Way to="/settings/logins" kind={kind} name={<Trans>Add login</Trans>} />
    case 'challenge':
      return <Way to="/settings/logins" kind={kind} name={<Trans>Open the check</Trans>} />
    case 'disk_full':
      return <Way to="/library/bin" kind={kind} name={<Trans>Free up space</Trans>} />
    case 'site_changed':
      return <Way to="/settings/health" kind={kind} name={<Trans>Check for updates</Trans>} />
    case 'unsupported':
      return <Way to="/help" kind={kind} name={<Trans>See what works</Trans>} />
    case 'refused':
    case 'too_large':
      return <Way to="/settings" kind={kind} name={<Trans>See the rule</Trans>} />
    case 'gone':
      return (
        <Button size="sm" kind="soft" onClick={() => void unfollow([one.id], nameOf(one))}>
          <Trans>Unfollow</Trans>
        </Button>
      )
    case 'rate_limited':
      return null
    default:
      return (
        <Button size="sm" kind="soft" onClick={() => void checkNow([one.id], nameOf(one))}>
          <Trans>Try now</Trans>
        </Button>
      )
  }
}

interface WayProps {
  to: '/settings/logins' | '/library/bin' | '/settings/health' | '/help' | '/settings'
  kind: string
  name: React.ReactNode
}

function Way({ to, kind, name }: WayProps) {
  return (
    <Link className="btn" data-kind={kind} data-size="sm" to={to}>
      {name}
    </Link>
  )
}
