/** The pictures beside the one that is seen, in the order of the search. */
import { useQueries, useQuery } from '@tanstack/react-query'
import { api, take } from '../../api/client'
import { bucketsQuery } from '../../gallery/data'
import { planned, spanAt, tilesOf, type Near, type Span } from './spans'

const PAGE = 1000
const MOST_PAGES = 20
export const STRIP = 'viewer-strip'

async function load(q: string, { newest, oldest }: Span, signal: AbortSignal): Promise<Near[]> {
  const found: Near[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { q, newest, oldest, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }
    const assets = await take(api.GET('/api/v1/timeline/assets', { params: { query }, signal }))
    found.push(...tilesOf(assets))
    if (assets.next === null) break
    cursor = assets.next
  }
  return found
}

export interface Strip {
  items: readonly Near[]
  /** Where the one that is seen stands; -1 while that is not known, or if the search does not find it. */
  at: number
}

/** The tiles of the days round a day. */
export function useStrip(q: string, id: string, day: number | undefined): Strip {
  const buckets = useQuery(bucketsQuery(q))
  const spans = buckets.data === undefined ? [] : planned(buckets.data.day, buckets.data.count)
  const here = day === undefined ? -1 : spanAt(spans, day)
  const wanted =
    here < 0
      ? []
      : [here - 1, here, here + 1].map((index) => spans[index]).filter((span) => span !== undefined)
  const items = useQueries({
    queries: wanted.map((span) => ({
      queryKey: [STRIP, q, span.newest, span.oldest],
      queryFn: ({ signal }: { signal: AbortSignal }) => load(q, span, signal),
    })),
    combine: (results) => results.flatMap((result) => result.data ?? []),
  })
  return { items, at: items.findIndex((item) => item.id === id) }
}
