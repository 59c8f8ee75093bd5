import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { api, take, type Schemas } from '../api/client'
import { useMay } from '../api/me'
import type { Job } from '../shell/activity'
import { formatWhen } from '../words/format'
import { wordsOf } from '../words/reasons'

const SHOWN = 5

/** What was tried for a job and when, and under which number the log knows more. */
export function JobStory({ job }: { job: Job }) {
  const mayLogs = useMay('audit:read')
  const when = (moment: string | null) => moment !== null && formatWhen(moment)
  return (
    <>
      <dl className="facts">
        <Fact name={<Trans>Begun</Trans>} value={when(job.started_at)} />
        <Fact name={<Trans>Attempt</Trans>} value={job.attempt > 1 && job.attempt} />
        <Fact name={<Trans>Goes on</Trans>} value={job.state === 'waiting' && when(job.next_at)} />
        <Fact name={<Trans>Ended</Trans>} value={when(job.finished_at)} />
        <Fact name={<Trans>In the log</Trans>} value={<span className="mono tiny">{job.id}</span>} />
      </dl>
      {mayLogs && <Ways job={job.id} />}
      {mayLogs && (
        <Link className="link small" to="/settings/logs" search={{ job: job.id }}>
          <Trans>From end to end</Trans>
        </Link>
      )}
    </>
  )
}

/** The ways that were tried and did not lead there, as far as the log of this server knows. */
function Ways({ job }: { job: string }) {
  const { data } = useQuery({
    queryKey: ['job', job, 'ways'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/logs', { params: { query: { job, text: 'provider_failed' } }, signal })),
  })
  const failed = (data?.items ?? []).filter(({ event }) => event === 'provider_failed')
  if (failed.length === 0) return null
  return (
    <ul className="small soft">
      {failed.slice(-SHOWN).map((line) => (
        <Way key={line.number} line={line} />
      ))}
    </ul>
  )
}

function Way({ line: { time, fields } }: { line: Schemas['LogLine'] }) {
  const { i18n } = useLingui()
  const reason = String(fields.reason)
  const words = wordsOf(reason)
  return (
    <li>
      {formatWhen(time)} · {String(fields.provider)} · {words === null ? reason : i18n._(words.label)}
    </li>
  )
}

function Fact({ name, value }: { name: ReactNode; value: ReactNode }) {
  if (value === false || value === null) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
