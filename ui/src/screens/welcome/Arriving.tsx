import { Plural, Trans } from '@lingui/react/macro'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Images, Plus } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useLive, type Gone } from '../../api/live'
import { JobBar, JobState } from '../../parts/Job'
import { Picture } from '../../parts/Picture'
import { ReasonPill } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { isLiving, type Job } from '../../shell/activity'
import { resultOf, titleOf, whereOf } from '../../words/jobs'
import { Checklist } from './Checklist'

const SHOWN = 24
const NEW_ONES = ['welcome', 'media']

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
  const media = useQuery(mediaQuery)
  useLive('media', arrived)
  const living = jobs === undefined || jobs.some(isLiving)
  const count = media.data?.length ?? 0
  return (
    <>
      <h1>
        {living ? (
          <Trans>It is coming in</Trans>
        ) : count > 0 ? (
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
      {count > 0 && (
        <div className="arrived" data-testid="arrived">
          {media.data?.map((one) => (
            <Link key={one.id} to="/media/$media" params={{ media: one.id }}>
              <Picture src={one.thumbnail} alt={one.caption || one.author} data-new="" />
            </Link>
          ))}
        </div>
      )}
      <ul className="card jobs-in">
        {jobs?.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </ul>
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

const mediaQuery = queryOptions({
  queryKey: NEW_ONES,
  queryFn: () =>
    take(api.GET('/api/v1/media', { params: { query: { order: 'added', limit: SHOWN } } })).then(
      (page) => page.items,
    ),
})

function isOurs(job: Job, names: string[]) {
  return names.includes(job.id) || (job.subscription !== null && names.includes(`s${job.subscription}`))
}

function put(jobs: Job[], job: Job): Job[] {
  const place = jobs.findIndex((each) => each.id === job.id)
  return place < 0 ? [...jobs, job] : jobs.with(place, job)
}

function arrived(media: Schemas['MediaItem'] | Gone) {
  if ('gone' in media || media.state !== 'stored') return
  queries.setQueryData(mediaQuery.queryKey, (before: Schemas['MediaItem'][] | undefined) => {
    if (before === undefined) return before
    const known = before.findIndex((each) => each.id === media.id)
    return known < 0 ? [media, ...before].slice(0, SHOWN) : before.with(known, media)
  })
}
