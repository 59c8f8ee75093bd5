/** What lists of jobs share: the bar, and the pill that says how it stands and when it goes on. */
import { useLingui } from '@lingui/react/macro'
import { Trans } from '@lingui/react/macro'
import { ArrowDownToLine, Check, Pause, TriangleAlert } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { progressOf, type Job } from '../shell/activity'
import { formatAt, formatPercent } from '../words/format'
import { resultOf, titleOf, whereOf } from '../words/jobs'
import { wordsOf } from '../words/reasons'
import { JobStory } from './JobStory'
import { ReasonCard, ReasonPill } from './Reason'

/** The bar of a running job; while nobody knows how much there is, it breathes. */
export function JobBar({ job }: { job: Job }) {
  const { t } = useLingui()
  const { part } = progressOf(job)
  const title = titleOf(job)
  return (
    <span
      className="bar jobbar"
      role="progressbar"
      aria-label={t`Progress of ${title}`}
      aria-valuenow={part === null ? undefined : Math.round(part * 100)}
      aria-valuetext={part === null ? whereOf(job) : formatPercent(part)}
      data-busy={part === null ? '' : undefined}
      style={{ '--p': part === null ? 100 : part * 100 }}
    >
      <i />
    </span>
  )
}

/**
 * How a job stands: a reason of the closed set with the time at which it goes on, or its state. With `card`
 * the reason can be opened; not within links.
 */
export function JobState({ job, card = false }: { job: Job; card?: boolean }) {
  switch (job.state) {
    case 'running':
      return (
        <span className="reason" data-family="live">
          <ArrowDownToLine className="icon" aria-hidden />
          <Trans>Fetching</Trans>
        </span>
      )
    case 'queued':
      return job.held ? (
        <span className="reason">
          <Pause className="icon" aria-hidden />
          <Trans>Paused</Trans>
        </span>
      ) : (
        <span className="small muted">
          <Trans>In line</Trans>
        </span>
      )
    case 'done':
      if (progressOf(job).failed > 0)
        return (
          <span className="reason" data-family="waiting">
            <TriangleAlert className="icon" aria-hidden />
            {resultOf(job)}
          </span>
        )
      return (
        <span className="reason" data-family="ok" data-plain>
          <Check className="icon" aria-hidden />
          <Trans>Done</Trans>
        </span>
      )
  }
  return card ? <JobCard job={job} /> : <ReasonPill {...whyOf(job)} />
}

/** The reason of a job that waits or has ended badly, in the words that fit how it stands. */
function whyOf(job: Job): { reason: string; children?: ReactNode } {
  if (job.state === 'cancelled') return { reason: 'cancelled' }
  const { reason } = job
  const family = wordsOf(reason)?.family
  if (job.state === 'waiting' && job.next_at !== null && family !== 'you') {
    const when = formatAt(job.next_at)
    return reason === 'rate_limited' || reason === null
      ? { reason: reason ?? 'rate_limited', children: <Trans>Goes on {when}</Trans> }
      : { reason, children: <Trans>Trying again {when}</Trans> }
  }
  switch (reason) {
    case null:
      return { reason: 'failed', children: <Trans>Failed</Trans> }
    case 'unavailable': // said of what is at its end: nothing is tried again by itself
      return { reason: 'unavailable', children: <Trans>No answer</Trans> }
    case 'rate_limited':
      return { reason, children: <Trans>Slowed down for too long</Trans> }
  }
  return { reason }
}

function JobCard({ job }: { job: Job }) {
  return (
    <ReasonCard {...whyOf(job)} platform={job.platform} detail={job.detail} story={<JobStory job={job} />} />
  )
}

/** The present time, told anew every `every` ms: for words such as `in 6 min`. */
export function useNow(every: number) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}
