/** What is moving now: the jobs that are not at an end, kept right by the stream. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, take, type Schemas } from '../api/client'
import { live, type Gone } from '../api/live'
import { useMay } from '../api/me'
import { queries } from '../queries'

export type Job = Schemas['JobItem']
type JobState = Schemas['JobState']

const LIVING: JobState[] = ['queued', 'running', 'waiting']
const PAGE = 500
const MOST = 2000
const GATHER_MS = 100

/** What the stream has told since the list was last asked for: it may be newer than the answer. */
const told = new Map<string, Job | Gone>()

export const livingQuery = queryOptions({
  queryKey: ['jobs', 'living'],
  queryFn: async ({ signal }) => {
    told.clear()
    const jobs: Job[] = []
    let cursor: string | null = null
    do {
      const page: Schemas['Page_JobItem_'] = await take(
        api.GET('/api/v1/jobs', { params: { query: { state: LIVING, limit: PAGE, cursor } }, signal }),
      )
      jobs.push(...page.items)
      cursor = page.next
    } while (cursor !== null && jobs.length < MOST)
    return withNews(jobs, told)
  },
})

/** The jobs that are not at an end, newest first; undefined while nobody has told. */
export function useLiving() {
  return useQuery({ ...livingQuery, enabled: useMay('queue:read') })
}

export function useLivingJobs(): Job[] {
  return useLiving().data ?? []
}

/** Keeps `livingQuery` as things stand while the shell stands. */
export function useJobStream() {
  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | undefined
    const fresh = new Map<string, Job | Gone>()
    const settle = () => {
      due = undefined
      const news = new Map(fresh)
      fresh.clear()
      queries.setQueryData(livingQuery.queryKey, (jobs: Job[] | undefined) => jobs && withNews(jobs, news))
    }
    const stop = live.on('job', (job) => {
      told.set(String(job.id), job)
      fresh.set(String(job.id), job)
      due ??= setTimeout(settle, GATHER_MS)
    })
    return () => {
      stop()
      clearTimeout(due)
    }
  }, [])
}

/** The living jobs after what was told of some: ended ones go, unknown ones come first. */
export function withNews(jobs: Job[], news: ReadonlyMap<string, Job | Gone>): Job[] {
  if (news.size === 0) return jobs
  const left = new Map(news)
  const stayed = jobs.flatMap((job) => {
    const now = left.get(job.id)
    if (now === undefined) return [job]
    left.delete(job.id)
    return isLiving(now) ? [now] : []
  })
  const came = [...left.values()].filter(isLiving)
  return [...came.reverse(), ...stayed]
}

export function isLiving(job: Job | Gone): job is Job {
  return !('gone' in job) && LIVING.includes(job.state as JobState)
}

export const isOver = (job: Job): boolean => !isLiving(job)

/** How far a job is, in numbers. `part` is null while nobody knows how much there will be. */
export interface Progress {
  stored: number
  known: number
  skipped: number
  failed: number
  done: number
  total: number
  bytes: number
  speed: number
  part: number | null
}

export function progressOf(job: Job): Progress {
  const read = (name: string) => {
    const value = job.progress?.[name]
    return typeof value === 'number' ? value : 0
  }
  const [stored, known, skipped, failed] = [read('stored'), read('known'), read('skipped'), read('failed')]
  const done = stored + known + skipped + failed + read('done')
  const total = done + read('pending') + read('left')
  return {
    stored,
    known,
    skipped,
    failed,
    done,
    total,
    bytes: read('bytes'),
    speed: job.state === 'running' ? read('speed') : 0,
    part: total === 0 ? null : done / total,
  }
}

/** Housekeeping brings nothing in. */
export const arrives = (job: Job) => job.state === 'running' && job.lane !== 'housekeeping'
