import { Plural, Trans } from '@lingui/react/macro'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Images, Plus } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useLive } from '../../api/live'
import { JobBar, JobState } from '../../parts/Job'
import { Picture } from '../../parts/Picture'
import { ReasonPill } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { isLiving, progressOf, type Job } from '../../shell/activity'
import { resultOf, titleOf, whereOf } from '../../words/jobs'
import { Checklist } from './Checklist'

const SHOWN = 24
const MOST_JOBS = 8
const CAME = ['stored', 'known']

/** How the first links come in: each job as it stands, and the pictures as they arrive. */
export function Arriving({ jobs: given }: { jobs: string }) {
  const names = useMemo(() => given.split(','), [given])
  const query = useMemo(() => jobsQuery(names), [names])
  const { data: jobs, error, refetch } = useQuery(query)
  useLive(
    'job',
    useCallback(
      (job) => {
        if ('gone' in job || !isOurs(job, names)) return
        queries.setQueryData(query.queryKey, (before: Job[] | undefined) => before && put(before, job))
      },
      [query, names],
    ),
  )
  const media = useBrought(jobs ?? [])
  const living = jobs === undefined || jobs.some(isLiving) || names.some((name) => isToCome(name, jobs))
  const anything = jobs?.some((job) => broughtBy(job) > 0) ?? false
  return (
    <>
      <h1>
        {living ? (
          <Trans>It is coming in</Trans>
        ) : anything ? (
          <Trans>There it is</Trans>
        ) : (
          <Trans>That brought nothing</Trans>
        )}
      </h1>
      <p className="lead soft" role="status">
        {living ? (
          <Trans>The gallery fills by itself. You need not stay here.</Trans>
        ) : (
          <Trans>What came is in your library, and stays when its source goes.</Trans>
        )}
      </p>
      <div className="row wrap goes-on">
        <Link className="btn" data-kind="primary" data-size="lg" to="/library">
          <Images className="icon" aria-hidden />
          <Trans>Open the gallery</Trans>
        </Link>
        <Link className="btn" data-size="lg" to="/welcome" search={{ step: 'link' }}>
          <Plus className="icon" aria-hidden />
          <Trans>Another link</Trans>
        </Link>
      </div>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {media.length > 0 && (
        <div className="arrived" data-testid="arrived">
          {media.map((one) => (
            <Link key={one.id} to="/media/$media" params={{ media: one.id }}>
              <Picture src={one.thumbnail} alt={one.caption || one.author} data-new="" />
            </Link>
          ))}
        </div>
      )}
      {jobs !== undefined && jobs.length > 0 && (
        <ul className="card jobs-in">
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      )}
      <Checklist />
    </>
  )
}

function JobRow({ job }: { job: Job }) {
  const living = isLiving(job)
  return (
    <li className="row">
      <div className="grow">
        <div className="strong cut">{titleOf(job)}</div>
        <div className="small soft">{living ? whereOf(job) : resultOf(job)}</div>
        {job.state === 'running' && <JobBar job={job} />}
        {!living && <Reasons job={job} />}
      </div>
      <JobState job={job} />
    </li>
  )
}

/** Why some of a job's media did not come. */
function Reasons({ job }: { job: Job }) {
  const { data } = useQuery({
    queryKey: ['welcome', 'reasons', job.id],
    queryFn: () =>
      take(
        api.GET('/api/v1/jobs/{job_id}/media', {
          params: { path: { job_id: job.id }, query: { outcome: 'failed', limit: 100 } },
        }),
      ),
    staleTime: 'static',
  })
  const counts = new Map<string, number>()
  for (const { reason } of data?.items ?? [])
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  if (counts.size === 0) return null
  return (
    <div className="row wrap reasons">
      {[...counts].map(([reason, count]) => (
        <span key={reason} className="row">
          <ReasonPill reason={reason} />
          <span className="small muted">
            <Plural value={count} one="# file" other="# files" />
          </span>
        </span>
      ))}
    </div>
  )
}

function jobsQuery(names: string[]) {
  return queryOptions({
    queryKey: ['welcome', 'jobs', names],
    queryFn: () =>
      take(api.GET('/api/v1/jobs', { params: { query: { limit: 200 } } })).then((page) =>
        page.items.filter((job) => isOurs(job, names)).reverse(),
      ),
  })
}

/** How much of what a job has met is in the library by now. */
function broughtBy(job: Job): number {
  const { stored, known } = progressOf(job)
  return stored + known
}

/** The latest of what these jobs have brought. A job is asked again when it says that it has brought more. */
function useBrought(jobs: readonly Job[]): Schemas['MediaItem'][] {
  const wanted = jobs.filter((job) => broughtBy(job) > 0).slice(-MOST_JOBS)
  const asked = wanted.map((job) => `${job.id} ${broughtBy(job)}`)
  const { data } = useQuery({
    queryKey: ['welcome', 'brought', asked],
    queryFn: async () => {
      const all = await Promise.all(wanted.map((job) => queries.query(outcomesQuery(job))))
      const came = all.flat().sort((a, b) => (b.settled_at ?? '').localeCompare(a.settled_at ?? ''))
      return [...new Map(came.map(({ media }) => [media.id, media])).values()].slice(0, SHOWN)
    },
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 'static',
  })
  return data ?? []
}

function outcomesQuery(job: Job) {
  return queryOptions({
    queryKey: ['welcome', 'outcomes', job.id, broughtBy(job)],
    queryFn: () =>
      take(api.GET('/api/v1/jobs/{job_id}/media', { params: { path: { job_id: job.id } } })).then((page) =>
        page.items.filter(({ outcome }) => CAME.includes(outcome)),
      ),
    staleTime: 'static',
  })
}

/** What is followed has no job before the scheduler has made one. */
function isToCome(name: string, jobs: readonly Job[]) {
  return name.startsWith('s') && !jobs.some((job) => `s${job.subscription ?? ''}` === name)
}

function isOurs(job: Job, names: string[]) {
  return names.includes(job.id) || (job.subscription !== null && names.includes(`s${job.subscription}`))
}

function put(jobs: Job[], job: Job): Job[] {
  const place = jobs.findIndex((each) => each.id === job.id)
  return place < 0 ? [...jobs, job] : jobs.with(place, job)
}
