/** What needs a person: the server's one list, as Home, the pulse, the rail and the settings tell it. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, take, type Schemas } from '../api/client'
import type { Gone } from '../api/live'
import { useLive } from '../api/live'
import { useRefresh } from '../api/refresh'
import { failureOf, type Asked } from '../parts/Awaited'
import type { Job } from './activity'

export type Need = Schemas['NeedView']

const EVERY_MS = 60_000 // what no event tells: a login that ends, a file that was found damaged

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: () => take(api.GET('/api/v1/health')),
})

/** Something that is not well: an alarm, or a check that failed and has raised none yet. */
export interface Wrong {
  name: string
  message: string
  /** Since when the alarm stands. */
  since: string | null
}

/** All that is not well, each once. */
export function wrongOf({ alarms, checks }: Pick<Schemas['HealthView'], 'alarms' | 'checks'>): Wrong[] {
  const alarmed = new Set(alarms.map(({ name }) => name))
  const failing = checks.filter(({ name, ok }) => !ok && !alarmed.has(name))
  return [...alarms, ...failing.map(({ name, detail }) => ({ name, message: detail, since: null }))]
}

export const needsQuery = queryOptions({
  queryKey: ['needs'],
  queryFn: () => take(api.GET('/api/v1/needs')),
  refetchInterval: EVERY_MS,
})

/** What is the same need from one answer to the next. */
export const keyOf = ({ kind, reason, platform, login }: Need) =>
  [kind, reason, platform, login].map((part) => part ?? '').join(':')

/** Why the needs could not be asked for; null where all is told, or on its way. */
export function useNeedsTrouble(): Asked | null {
  return failureOf([useQuery(needsQuery)])
}

/** What needs a person; nothing while nobody has told. */
export function useNeeds(): Need[] {
  const needs = useQuery(needsQuery)
  const again = useRefresh(needsQuery.queryKey, 1000)
  const alarmed = useRefresh(healthQuery.queryKey, 200)
  useLive(
    'alarm',
    useCallback(() => {
      alarmed()
      again()
    }, [alarmed, again]),
  )
  useLive(
    'job',
    useCallback((job) => concerns(job) && again(), [again]),
  )
  useLive('subscription', again)
  return needs.data?.items ?? []
}

/** Whether a job may be, or may have been, among those that need somebody. */
function concerns(job: Job | Gone) {
  return 'gone' in job || job.reason !== null || job.state === 'done' || job.state === 'queued'
}
