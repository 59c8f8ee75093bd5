/** What lists of jobs share: the bar, and the pill that says how it stands and when it goes on. */
import { useLingui } from '@lingui/react/macro'
import { Trans } from '@lingui/react/macro'
import { ArrowDownToLine, Check, Pause } from 'lucide-react'
import { useEffect, useState } from 'react'
import { progressOf, type Job } from '../shell/activity'
import { formatPercent, formatTime } from '../words/format'
import { titleOf, whereOf } from '../words/jobs'
import { wordsOf } from '../words/reasons'
import { ReasonPill } from './Reason'

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

/** How a job stands: a reason of the closed set with the time at which it goes on, or its state. */
export function JobState({ job }: { job: Job }) {
  const when = job.next_at === null ? null : formatTime(job.next_at)
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
      return (
        <span className="reason" data-family="ok" data-plain>
          <Check className="icon" aria-hidden />
          <Trans>Done</Trans>
        </span>
      )
    case 'cancelled':
      return <ReasonPill reason="cancelled" />
  }
  const family = wordsOf(job.reason)?.family
  if (job.state === 'waiting' && when !== null && family !== 'you')
    return job.reason === 'rate_limited' || job.reason === null ? (
      <ReasonPill reason={job.reason ?? 'rate_limited'}>
        <Trans>Goes on at {when}</Trans>
      </ReasonPill>
    ) : (
      <ReasonPill reason={job.reason}>
        <Trans>Trying again {when}</Trans>
      </ReasonPill>
    )
  switch (job.reason) {
    case null:
    case 'unavailable': // said of what is at its end: nothing is tried again by itself
      return (
        <ReasonPill reason="unavailable">
          <Trans>No answer</Trans>
        </ReasonPill>
      )
    case 'rate_limited':
      return (
        <ReasonPill reason="rate_limited">
          <Trans>Slowed down for too long</Trans>
        </ReasonPill>
      )
  }
  return <ReasonPill reason={job.reason} />
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
