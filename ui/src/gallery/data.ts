/** What the server tells a gallery. */
import { queryOptions } from '@tanstack/react-query'
import { api, take } from '../api/client'
import type { Fetch } from './loader'

export const bucketsKey = (q: string) => ['timeline', 'buckets', q] as const

export const bucketsQuery = (q: string) =>
  queryOptions({
    queryKey: bucketsKey(q),
    // What is taken off the table and put back ends in equal buckets: they are news all the same.
    structuralSharing: false,
    queryFn: ({ signal }) => take(api.GET('/api/v1/timeline/buckets', { params: { query: { q } }, signal })),
  })

export const fetchTiles =
  (q: string): Fetch =>
  ({ newest, oldest, skip, limit }, cursor, signal) =>
    take(
      api.GET('/api/v1/timeline/assets', {
        params: {
          query: { newest, oldest, limit, q, ...(cursor === undefined ? { skip } : { cursor }) },
        },
        signal,
      }),
    )
