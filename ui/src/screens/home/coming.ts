/** What is followed, by when it is looked at next. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, take, type Schemas } from '../../api/client'
import { useLive } from '../../api/live'
import { useMay } from '../../api/me'
import { useRefresh } from '../../api/refresh'

export type Subscription = Schemas['SubscriptionView']

const comingQuery = queryOptions({
  queryKey: ['subscriptions', 'coming'],
  queryFn: () =>
    take(api.GET('/api/v1/subscriptions', { params: { query: { limit: 500 } } })).then((page) => page.items),
})

export function useComing() {
  useLive('subscription', useRefresh(comingQuery.queryKey, 2000))
  return useQuery({ ...comingQuery, enabled: useMay('following:read') })
}

/** Those that do not rest, the next one first. */
export function inOrder(subscriptions: Subscription[]): Subscription[] {
  return subscriptions.filter((one) => !one.paused).toSorted((a, b) => a.next_at.localeCompare(b.next_at))
}
