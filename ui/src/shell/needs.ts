/** What needs a person, counted on Home and told there: alarms, and jobs that wait for somebody. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, take } from '../api/client'
import { useLive } from '../api/live'
import { queries } from '../queries'
import { wordsOf } from '../words/reasons'

export interface Need {
  key: string
  /** A reason of the closed set, or the name of an alarm. */
  reason: string
  title: string
  detail: string
  platform: string | null
  count: number
}

export const needsQuery = queryOptions({
  queryKey: ['needs'],
  queryFn: async (): Promise<Need[]> => {
    const [health, held] = await Promise.all([
      take(api.GET('/api/v1/health')),
      take(api.GET('/api/v1/jobs', { params: { query: { state: ['waiting', 'failed'], limit: 200 } } })),
    ])
    const groups = new Map<string, Need>()
    for (const alarm of health.alarms)
      groups.set(alarm.name, {
        key: alarm.name,
        reason: alarm.name,
        title: alarm.message,
        detail: '',
        platform: null,
        count: 1,
      })
    for (const job of held.items) {
      if (wordsOf(job.reason)?.family !== 'you' || job.reason === null) continue
      const key = `${job.reason}:${job.platform}`
      const known = groups.get(key)
      if (known) known.count += 1
      else
        groups.set(key, {
          key,
          reason: job.reason,
          title: job.title,
          detail: job.detail ?? '',
          platform: job.platform,
          count: 1,
        })
    }
    return [...groups.values()]
  },
})

export function useNeeds(): Need[] {
  const again = useCallback(() => void queries.invalidateQueries({ queryKey: needsQuery.queryKey }), [])
  useLive('alarm', again)
  return useQuery(needsQuery).data ?? []
}
