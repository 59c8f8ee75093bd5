/** What is followed, by when it is looked at next. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, take } from '../../api/client'
import { useLive } from '../../api/live'
import { useMay } from '../../api/me'
import { useRefresh } from '../../api/refresh'

export const SHOWN = 4

const count = (query: { paused?: boolean }) =>
  take(api.GET('/api/v1/subscriptions/count', { params: { query } })).then((told) => told.count)

const comingQuery = queryOptions({
  queryKey: ['subscriptions', 'coming'],
  queryFn: async () => {
    const query = { order: 'next', paused: false, limit: SHOWN } as const
    const [{ items }, going, all] = await Promise.all([
      take(api.GET('/api/v1/subscriptions', { params: { query } })),
      count({ paused: false }),
      count({}),
    ])
    return { items, going, all }
  },
})

/** The next ones that do not rest, how many do not, and how many there are. */
export function useComing() {
  useLive('subscription', useRefresh(comingQuery.queryKey, 2000))
  return useQuery({ ...comingQuery, enabled: useMay('following:read') })
}
