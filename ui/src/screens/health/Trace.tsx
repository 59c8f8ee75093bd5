import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ChevronLeft, Inbox } from 'lucide-react'
import type { ReactNode } from 'react'
import { api, Problem, take, type Schemas } from '../../api/client'
import { JobState } from '../../parts/Job'
import { PlatformSign } from '../../parts/Platform'
import { ReasonPill } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { formatBytes, formatDayTime } from '../../words/format'
import { titleOf } from '../../words/jobs'
import { wordsOf } from '../../words/reasons'
import { LogLine } from './LogLine'
import { stepsOf, sumOf, useTail, type Group } from './tail'
import { formatLogTime, formatSince } from './time'
import { OTHER_STEP, STEPS } from './words'

const ENDED = ['done', 'failed', 'cancelled']

/** One job from end to end: handed in, listed, stored, and how it ended, with the time between. */
export function Trace({ job: id }: { job: string }) {
  const job = useQuery({
    queryKey: ['jobs', id],
    queryFn: () => take(api.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id: id } } })),
    refetchInterval: ({ state }) => (ENDED.includes(state.data?.job.state ?? 'done') ? false : 1000),
  })
  const { lines, loading, error } = useTail({ job: id }, true)
  const told = job.data
  const steps = stepsOf(lines)
  const begun = told?.job.created_at ?? lines[0]?.time ?? ''
  const isUnknown = job.error instanceof Problem && job.error.status < 500 && job.error.status > 0
  return (
    <div className="body trace">
      <Link className="link trace-back" to="/settings/logs">
        <ChevronLeft className="icon" aria-hidden />
        <Trans>All lines</Trans>
      </Link>
      {told ? <Head told={told} /> : <h2 className="health-title mono">{id.slice(0, 8)}</h2>}
      {job.error && !isUnknown && <Trouble error={job.error} onRetry={() => void job.refetch()} />}
      {isUnknown && (
        <p className="soft">
          <Trans>The queue does not know this job any more. What the log has of it stands below.</Trans>
        </p>
      )}
      {error !== null && <Trouble error={error} />}
      <ol className="steps-of-job">
        {told && (
          <Step icon={Inbox} at={told.job.created_at} begun={begun} title={<Trans>Handed in</Trans>}>
            {titleOf(told.job)}
          </Step>
        )}
        {steps.map((group) => (
          <GroupStep key={group.lines[0]?.number} group={group} begun={begun} />
        ))}
      </ol>
      {!loading && lines.length === 0 && (
        <p className="small soft">
          {told && !ENDED.includes(told.job.state) ? (
            <Trans>No line yet. They appear here as they are written.</Trans>
          ) : (
            <Trans>
              Its lines are not in memory any more, or another worker performed it. The queue still knows what
              became of each file.
            </Trans>
          )}
        </p>
      )}
      {lines.length > 0 && (
        <details className="trace-lines">
          <summary>
            <Plural value={lines.length} one="# line, as written" other="# lines, as written" />
          </summary>
          <ol className="log" data-short>
            {lines.map((line) => (
              <LogLine key={line.number} line={line} />
            ))}
          </ol>
        </details>
      )}
    </div>
  )
}

function Head({ told: { job, tally } }: { told: Schemas['JobDetail'] }) {
  const counts: [number, ReactNode][] = [
    [tally.stored, <Trans key="stored">stored</Trans>],
    [tally.known, <Trans key="known">known before</Trans>],
    [tally.skipped, <Trans key="skipped">skipped</Trans>],
    [tally.failed, <Trans key="failed">failed</Trans>],
    [tally.pending, <Trans key="pending">to come</Trans>],
  ]
  return (
    <header className="trace-head">
      <PlatformSign platform={job.platform} size="lg" />
      <div className="grow">
        <h2 className="health-title">{titleOf(job)}</h2>
        <p className="soft row wrap">
          <JobState job={job} />
          {counts
            .filter(([count]) => count > 0)
            .map(([count, word], at) => (
              <span key={at}>
                <span className="strong">{count}</span> {word}
              </span>
            ))}
          <Link className="link" to="/queue" search={{ job: job.id }}>
            <Trans>In the queue</Trans>
          </Link>
        </p>
      </div>
    </header>
  )
}

interface StepProps {
  icon: React.ComponentType<{ className?: string; 'aria-hidden'?: boolean }>
  at: string
  begun: string
  level?: string
  title: ReactNode
  children?: ReactNode
}

function Step({ icon: Icon, at, begun, level, title, children }: StepProps) {
  return (
    <li data-level={level}>
      <span className="step-mark">
        <Icon className="icon" aria-hidden />
      </span>
      <div className="grow">
        <div className="strong">{title}</div>
        {children != null && <div className="small soft step-more">{children}</div>}
      </div>
      <div className="tiny muted step-time">
        <time dateTime={at} title={formatDayTime(at)}>
          {formatLogTime(at)}
        </time>
        <div>{formatSince(at, begun)}</div>
      </div>
    </li>
  )
}

function GroupStep({ group: { event, lines }, begun }: { group: Group; begun: string }) {
  const { i18n } = useLingui()
  const first = lines[0]
  if (first === undefined) return null
  const words = STEPS[event]
  const last = lines.at(-1) ?? first
  const { fields } = first
  const reason = [fields.verdict, fields.reason].find((value) => typeof value === 'string' && wordsOf(value))
  const size = formatBytes(sumOf(lines, 'bytes'))
  const facts = Object.entries(fields).filter(
    ([name, value]) =>
      value !== null && !['verdict', 'reason', 'detail', 'exception', 'media'].includes(name),
  )
  return (
    <Step
      icon={words?.icon ?? OTHER_STEP}
      at={last.time}
      begun={begun}
      level={last.level}
      title={
        <>
          {words ? i18n._(words.label) : event} {typeof reason === 'string' && <ReasonPill reason={reason} />}
        </>
      }
    >
      {event === 'stored' ? (
        <>
          <Plural value={lines.length} one="# file" other="# files" />, {size}
        </>
      ) : (
        <>
          {typeof fields.detail === 'string' && <div>{fields.detail}</div>}
          {facts.map(([name, value]) => (
            <span key={name} className="log-field">
              <span className="log-name">{name}</span>
              {String(value)}
            </span>
          ))}
        </>
      )}
    </Step>
  )
}
