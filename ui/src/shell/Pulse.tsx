/** One glance at what is moving, and whether we are told of it; pressed, the first rows of the queue. */
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useConnection } from '../api/live'
import { useMay } from '../api/me'
import { JobBar, JobState } from '../parts/Job'
import { PlatformSign } from '../parts/Platform'
import { Popover, type Anchor } from '../parts/Popover'
import { formatSpeed, formatWhen } from '../words/format'
import { titleOf, whereOf } from '../words/jobs'
import { arrives, progressOf, useLivingJobs, type Job } from './activity'
import { useNeeds } from './needs'
import './pulse.css'

const SHOWN = 5
const FIRST: Record<string, number> = { running: 0, waiting: 1, queued: 2 }

export function Pulse() {
  return useMay('queue:read') ? <Beat /> : null
}

function Beat() {
  const { t } = useLingui()
  const jobs = useLivingJobs()
  return (
    <Popover
      label={t`What is moving`}
      className="menu moving"
      trigger={(anchor) => <Face anchor={anchor} jobs={jobs} />}
    >
      {(closer) => (
        <>
          <Rows jobs={jobs} />
          <Link to="/queue" className="link" onClick={() => hide(closer.popoverTarget)}>
            <Trans>Open the queue</Trans>
          </Link>
        </>
      )}
    </Popover>
  )
}

function Face({ anchor, jobs }: { anchor: Anchor; jobs: Job[] }) {
  const { line, seenAt, away } = useConnection()
  const needs = useNeeds().length
  const moving = jobs.filter(arrives)
  const speed = formatSpeed(moving.reduce((sum, job) => sum + progressOf(job).speed, 0))
  const seen = formatWhen(new Date(seenAt).toISOString())
  return (
    <button {...anchor} type="button" className="pulse" data-line={line}>
      {away ? (
        <i className="dot" data-tone="stuck" />
      ) : line !== 'broken' && moving.length > 0 ? (
        <i className="ring" style={{ '--p': partOf(moving) }} />
      ) : (
        <i className="dot" data-tone={line === 'broken' ? 'off' : needs > 0 ? 'you' : undefined} />
      )}
      <span className="said">
        {away ? (
          <Trans>Database away</Trans>
        ) : line === 'broken' ? (
          <Trans>Last seen {seen}</Trans>
        ) : moving.length > 0 ? (
          <>
            <Plural value={moving.length} one="# arriving" other="# arriving" />
            <span className="desk"> · {speed}</span>
          </>
        ) : jobs.length > 0 ? (
          <Plural value={jobs.length} one="# waiting" other="# waiting" />
        ) : needs > 0 ? (
          <Plural value={needs} one="# needs you" other="# need you" />
        ) : (
          <Trans>All quiet</Trans>
        )}
      </span>
    </button>
  )
}

function Rows({ jobs }: { jobs: Job[] }) {
  const { line } = useConnection()
  const first = jobs.toSorted((a, b) => (FIRST[a.state] ?? 3) - (FIRST[b.state] ?? 3)).slice(0, SHOWN)
  return (
    <ul>
      {line === 'broken' && (
        <li className="small soft">
          <Trans>Nobody tells us of changes just now. We go on trying; what you see may be old.</Trans>
        </li>
      )}
      {jobs.length === 0 && (
        <li className="small soft">
          <Trans>Nothing is on its way. Paste a link to bring something.</Trans>
        </li>
      )}
      {first.map((job) => (
        <li key={job.id}>
          <Link to="/queue" search={{ job: job.id }} className="row">
            <PlatformSign platform={job.platform} />
            <span className="grow">
              <span className="strong cut">{titleOf(job)}</span>
              <span className="small muted cut">{whereOf(job)}</span>
              {job.state === 'running' && <JobBar job={job} />}
            </span>
            {job.state !== 'running' && <JobState job={job} />}
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** From 0 to 100: how far all of them are together. */
function partOf(jobs: Job[]) {
  const parts = jobs.map(progressOf)
  const total = parts.reduce((sum, each) => sum + each.total, 0)
  return total === 0 ? 12 : (100 * parts.reduce((sum, each) => sum + each.done, 0)) / total
}

function hide(id: string) {
  document.getElementById(id)?.hidePopover()
}
