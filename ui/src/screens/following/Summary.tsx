import { Link } from '@tanstack/react-router'
import { Plural } from '@lingui/react/macro'
import type { FollowingState } from '../../routes'
import { isIn } from './data'
import type { Subscription } from './schedule'

/** One sentence on how all of them stand; each number leads to those that it counts. */
export function Summary({ all }: { all: readonly Subscription[] }) {
  const count = (state: FollowingState) => all.filter((one) => isIn(one, state)).length
  const [healthy, back, trouble, you] = [count('healthy'), count('backfill'), count('trouble'), count('you')]
  const parts: [FollowingState, React.ReactNode][] = []
  if (healthy > 0)
    parts.push(['healthy', <Plural key="h" value={healthy} one="# healthy" other="# healthy" />])
  if (back > 0)
    parts.push(['backfill', <Plural key="b" value={back} one="# back-filling" other="# back-filling" />])
  if (you > 0) parts.push(['you', <Plural key="y" value={you} one="# needs you" other="# need you" />])
  if (trouble > 0)
    parts.push(['trouble', <Plural key="t" value={trouble} one="# has trouble" other="# have trouble" />])
  if (all.length === 0) return <p className="summary">{'\u00a0'}</p>
  return (
    <p className="soft summary">
      <Plural value={all.length} one="# subscription" other="# subscriptions" />
      {parts.map(([state, words], place) => (
        <span key={state}>
          {place === 0 ? '. ' : ', '}
          <Link
            className="link"
            data-state={state}
            from="/following"
            to="/following"
            search={(now) => ({ ...now, state: now.state === state ? undefined : state })}
          >
            {words}
          </Link>
        </span>
      ))}
      .
    </p>
  )
}
