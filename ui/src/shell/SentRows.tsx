import { Link } from '@tanstack/react-router'
import { Plural, Trans } from '@lingui/react/macro'
import { Check, CircleAlert, LoaderCircle, RotateCw } from 'lucide-react'
import { Button } from '../parts/Button'
import { JobBar, JobState } from '../parts/Job'
import { ReasonPill } from '../parts/Reason'
import { plainly, resultOf, whereOf } from '../words/jobs'
import { isLiving, type Job } from './activity'
import type { Entry, Sent } from './entry'

const SHOWN = 6

/** What was handed in just now, each as it stands. */
export function SentRows({ entry }: { entry: Entry }) {
  const { sent } = entry
  const rest = sent.length - SHOWN
  return (
    <div className="sent" role="status">
      <ul>
        {sent.slice(0, SHOWN).map((row) => (
          <Row key={row.key} row={row} />
        ))}
      </ul>
      <div className="row">
        {rest > 0 && (
          <span className="small muted">
            <Plural value={rest} one="and # more" other="and # more" />
          </span>
        )}
        <ToQueue />
      </div>
    </div>
  )
}

function Row({ row }: { row: Sent }) {
  const { job, state } = row
  return (
    <li className="row" data-state={state}>
      <Sign row={row} />
      <span className="grow">
        <span className="strong cut">{plainly(row.url)}</span>
        <span className="small soft">
          <Said row={row} />
        </span>
        {job?.state === 'running' && <JobBar job={job} />}
      </span>
      {state === 'refused' && row.reason !== null && <ReasonPill reason={row.reason} />}
      {row.again !== null && (
        <Button size="sm" kind="soft" icon={RotateCw} onClick={row.again}>
          <Trans>Try again</Trans>
        </Button>
      )}
      {job !== null && job.state !== 'done' && <JobState job={job} />}
      {job !== null && <Show job={job} />}
      {job === null && row.subscription !== null && (
        <Link
          to="/following/$subscription"
          params={{ subscription: String(row.subscription) }}
          className="link small"
        >
          <Trans>Open</Trans>
        </Link>
      )}
    </li>
  )
}

function Show({ job }: { job: Job }) {
  return (
    <Link to="/queue" search={{ job: job.id }} className="link small">
      {isLiving(job) ? <Trans>Watch</Trans> : <Trans>Look at it</Trans>}
    </Link>
  )
}

function Sign({ row }: { row: Sent }) {
  if (row.state === 'refused') return <CircleAlert className="icon" data-tone="stuck" aria-hidden />
  const ended = row.job !== null && !isLiving(row.job)
  if (ended || (row.job === null && row.subscription !== null))
    return <Check className="icon" data-tone="ok" aria-hidden />
  return <LoaderCircle className="icon" data-tone="live" aria-hidden />
}

function Said({ row }: { row: Sent }) {
  const { job, state, detail } = row
  if (state === 'sending') return row.follow ? <Trans>Asking what it is</Trans> : <Trans>Handing it in</Trans>
  if (state === 'refused') return <>{detail ?? <Trans>Gatherum does not answer.</Trans>}</>
  if (job !== null) return <>{isLiving(job) ? (job.detail ?? whereOf(job)) : resultOf(job)}</>
  if (row.follow) return detail === null ? <Trans>Followed</Trans> : <Trans>Followed: {detail}</Trans>
  return <Trans>Waits for its turn</Trans>
}

function ToQueue() {
  return (
    <Link to="/queue" className="link small">
      <Trans>Open the queue</Trans>
    </Link>
  )
}
