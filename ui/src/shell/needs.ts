/** What needs a person, counted on Home and told there: alarms, and what waits for somebody. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, take, type Schemas } from '../api/client'
import type { Gone } from '../api/live'
import { useLive } from '../api/live'
import { useMay } from '../api/me'
import { useRefresh } from '../api/refresh'
import { wordsOf } from '../words/reasons'
import type { Job } from './activity'

type Subscription = Schemas['SubscriptionView']

const DAY_MS = 86_400_000
const MOST = 200

export interface Need {
  key: string
  /** A reason of the closed set, or the name of an alarm. */
  reason: string
  alarm: boolean
  /** What an alarm says; the name of the one thing that waits. */
  title: string
  detail: string
  platform: string | null
  /** What waits for it. */
  jobs: string[]
  subscriptions: number[]
}

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: () => take(api.GET('/api/v1/health')),
})

const heldQuery = queryOptions({
  queryKey: ['needs', 'jobs'],
  queryFn: () =>
    take(api.GET('/api/v1/jobs', { params: { query: { state: ['waiting', 'failed'], limit: MOST } } })).then(
      (page) => page.items,
    ),
})

const failingQuery = queryOptions({
  queryKey: ['needs', 'subscriptions'],
  queryFn: () =>
    take(api.GET('/api/v1/subscriptions', { params: { query: { failing: true, limit: MOST } } })).then(
      (page) => page.items,
    ),
})

export function useNeeds(): Need[] {
  const health = useQuery(healthQuery).data
  const jobs = useQuery({ ...heldQuery, enabled: useMay('queue:read') }).data
  const subscriptions = useQuery({ ...failingQuery, enabled: useMay('following:read') }).data
  const alarmed = useRefresh(healthQuery.queryKey, 200)
  const again = useRefresh(['needs'], 1000)
  useLive('alarm', alarmed)
  useLive(
    'job',
    useCallback((job) => concerns(job) && again(), [again]),
  )
  useLive(
    'subscription',
    useCallback(
      (one: Subscription | Gone) => {
        if ('gone' in one || isYours(one.reason) || one.health !== 'failing') again()
      },
      [again],
    ),
  )
  return needsOf(health?.alarms ?? [], jobs ?? [], subscriptions ?? [])
}

const isYours = (reason: string | null) => wordsOf(reason)?.family === 'you'

/** Whether a job may be, or may have been, among those that wait for somebody. */
function concerns(job: Job | Gone) {
  return 'gone' in job || isYours(job.reason) || job.state === 'done' || job.state === 'cancelled'
}

/** Puts together what one act of a person would settle. */
export function needsOf(
  alarms: Schemas['AlarmView'][],
  jobs: Job[],
  subscriptions: Subscription[],
  now = Date.now(),
): Need[] {
  const needs = new Map<string, Need>()
  const need = (reason: string, platform: string | null, title: string, detail: string) => {
    const key = `${reason}:${platform ?? ''}`
    const known = needs.get(key)
    if (known) return known
    const made = {
      key,
      reason,
      alarm: platform === null,
      title,
      detail,
      platform,
      jobs: [],
      subscriptions: [],
    }
    needs.set(key, made)
    return made as Need
  }
  for (const { name, message } of alarms) need(name, null, message, '')
  for (const one of subscriptions)
    if (one.reason !== null && isYours(one.reason) && !one.paused)
      need(one.reason, one.platform, one.title, one.detail ?? '').subscriptions.push(one.id)
  for (const job of jobs) {
    const old = job.state === 'failed' && now - new Date(job.finished_at ?? job.created_at).getTime() > DAY_MS
    if (job.reason === null || !isYours(job.reason) || old || job.subscription !== null) continue
    need(job.reason, job.platform, job.title, job.detail ?? '').jobs.push(job.id)
  }
  const full = needs.has('disk:')
  return [...needs.values()].filter((each) => !(full && each.reason === 'disk_full'))
}
