import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from './client'

export type Subscription = Schemas['SubscriptionView']

const PAGE = 500

export const allQuery = queryOptions({
  queryKey: ['subscriptions', 'all'],
  queryFn: async ({ signal }) => {
    const all: Subscription[] = []
    let cursor: string | undefined
    do {
      const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }
      const page = await take(api.GET('/api/v1/subscriptions', { params: { query }, signal }))
      all.push(...page.items)
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    return all
  },
})
