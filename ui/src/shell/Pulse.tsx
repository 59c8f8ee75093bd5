import { Link } from '@tanstack/react-router'
import { Plural, Trans } from '@lingui/react/macro'
import { useConnection } from '../api/live'
import { formatTime } from '../words/format'
import { useLivingJobs } from './activity'

/** One glance at what is moving, and whether we are told of it. */
export function Pulse() {
  const { line, seenAt } = useConnection()
  const jobs = useLivingJobs()
  const running = jobs.filter((job) => job.state === 'running').length
  const seen = formatTime(new Date(seenAt).toISOString())
  if (line === 'broken')
    return (
      <Link to="/queue" className="pulse">
        <i className="dot" data-tone="off" />
        <Trans>Last seen {seen}</Trans>
      </Link>
    )
  return (
    <Link to="/queue" className="pulse">
      <i className="dot" data-tone={running ? 'live' : undefined} data-busy={running ? '' : undefined} />
      <span>
        {running ? (
          <Plural value={running} one="# arriving" other="# arriving" />
        ) : jobs.length ? (
          <Plural value={jobs.length} one="# waiting" other="# waiting" />
        ) : (
          <Trans>All quiet</Trans>
        )}
      </span>
    </Link>
  )
}
