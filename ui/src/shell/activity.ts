/** What is moving now: the running jobs, kept right by the stream. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, take, type Schemas } from '../api/client'
import { live } from '../api/live'
import { queries } from '../queries'

export type Job = Schemas['JobItem']
const LIVING = ['queued', 'running', 'waiting']

export const livingQuery = queryOptions({
  queryKey: ['jobs', 'living'],
  queryFn: () =>
    take(
      api.GET('/api/v1/jobs', { params: { query: { state: ['queued', 'running', 'waiting'], limit: 200 } } }),
    ).then((page) => page.items),
})

/** The jobs that are not at an end: 200 at most, newest first. */
export function useLivingJobs(): Job[] {
  return useQuery(livingQuery).data ?? []
}

/** Keeps `livingQuery` as things stand while the shell stands. */
export function useJobStream() {
  useEffect(
    () =>
      live.on('job', (job) => {
        queries.setQueryData(livingQuery.queryKey, (jobs: Job[] | undefined) => jobs && changed(jobs, job))
      }),
    [],
  )
}

function changed(jobs: Job[], job: Job | { id: number | string; gone: true }): Job[] {
  const ended = 'gone' in job || !LIVING.includes(job.state)
  const place = jobs.findIndex((each) => each.id === job.id)
  if (ended) return place < 0 ? jobs : jobs.toSpliced(place, 1)
  return place < 0 ? [job, ...jobs] : jobs.with(place, job)
}
