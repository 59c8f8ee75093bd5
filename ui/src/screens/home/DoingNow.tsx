import { Link } from '@tanstack/react-router'
import { Plural, Trans } from '@lingui/react/macro'
import { useMay } from '../../api/me'
import { Awaited } from '../../parts/Awaited'
import { JobBar, JobState } from '../../parts/Job'
import { PlatformSign } from '../../parts/Platform'
import { progressOf, useLiving, type Job } from '../../shell/activity'
import { useEnded } from '../../shell/ended'
import { formatSpeed } from '../../words/format'
import { kindOf, titleOf, whereOf } from '../../words/jobs'

const SHOWN = 5

export function DoingNow() {
  return useMay('queue:read') ? <Rows /> : null
}

function Rows() {
  const jobs = useLiving()
  const ended = useEnded(false)
  const living = (jobs.data ?? []).filter((job) => !ended.has(job.id))
  const shown = [...living.filter(isInSight), ...[...ended.values()].map(({ job }) => job)]
    .toSorted((a, b) => a.created_at.localeCompare(b.created_at))
    .slice(0, SHOWN)
  const rest = living.length - shown.filter((job) => !ended.has(job.id)).length
  return (
    <section>
      <header>
        <h2>
          <Trans>Doing now</Trans>
        </h2>
        <Link to="/queue" className="link small end">
          <Trans>Open the queue</Trans>
        </Link>
      </header>
      {jobs.data === undefined && <Awaited query={jobs} />}
      {jobs.data !== undefined && shown.length === 0 && rest === 0 && (
        <p className="small soft">
          <Trans>Nothing is on its way. Paste a link above to bring something.</Trans>
        </p>
      )}
      <ul className="doing">
        {shown.map((job) => (
          <Row key={job.id} job={job} folding={ended.get(job.id)?.folding ?? false} />
        ))}
      </ul>
      {rest > 0 && (
        <p className="small muted">
          <Link className="link" to="/queue">
            <Plural value={rest} one="# more is in the queue" other="# more are in the queue" />
          </Link>
        </p>
      )}
    </section>
  )
}

function Row({ job, folding }: { job: Job; folding: boolean }) {
  const { speed } = progressOf(job)
  const runs = job.state === 'running'
  return (
    <li data-folding={folding ? '' : undefined}>
      <Link to="/queue" search={{ job: job.id }} className="row">
        <PlatformSign platform={job.platform} size="lg" />
        <span className="grow">
          <span className="strong cut">{titleOf(job)}</span>
          <span className="small muted cut">
            {kindOf(job)} · {whereOf(job)}
          </span>
        </span>
        {runs && <JobBar job={job} />}
        <span className="small soft speed">
          {runs ? speed > 0 && formatSpeed(speed) : <JobState job={job} />}
        </span>
      </Link>
    </li>
  )
}

/** Running, or held up by something that can be told: what only stands in line is counted. */
const isInSight = (job: Job) =>
  job.lane !== 'housekeeping' && (job.state === 'running' || job.reason !== null)
