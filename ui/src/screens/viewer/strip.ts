/** The pictures beside the one that is seen, in the order of the search. */
import { useQueries, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { api, take } from '../../api/client'
import { bucketsQuery } from '../../gallery/data'
import { nearAt, type Near } from '../../gallery/near'
import { PART } from '../../gallery/timeline'
import { located, planned, spansAt, type Span } from './spans'

const MOST = 1000
export const STRIP = 'viewer-strip'

function spanQuery(q: string, { newest, oldest, skip }: Span) {
  const limit = newest === oldest ? PART : MOST
  return {
    queryKey: [STRIP, q, newest, oldest, skip],
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const params = { query: { q, newest, oldest, limit, skip } }
      const assets = await take(api.GET('/api/v1/timeline/assets', { params, signal }))
      return assets.id.map((_, at) => nearAt(assets, at))
    },
  }
}

export interface Strip {
  items: readonly Near[]
  /** Where the one that is seen stands; -1 while that is not known, or if the search does not find it. */
  at: number
}

interface Joined {
  items: Near[]
}

/** What is loaded of some spans; a picture that has moved from one to the next stands in both for a while. */
function joined(results: { data: Near[] | undefined }[]): Joined {
  const all = results.flatMap(({ data }) => data ?? [])
  return { items: [...new Map(all.map((item) => [item.id, item])).values()] }
}

/** The tiles round a picture that is shown on a day; `shownAt` is known once the picture is. */
export function useStrip(q: string, id: string, day: number | undefined, shownAt: string | undefined): Strip {
  const queries = useQueryClient()
  const buckets = useQuery(bucketsQuery(q))
  const spans = buckets.data === undefined ? [] : planned(buckets.data.day, buckets.data.count)
  const [from, to] = day === undefined ? [0, 0] : spansAt(spans, day)
  const isLong = to - from > 1
  const known = isLong ? loadedIn(queries, q, spans, [from, to], id) : from
  const search = useQuery({
    queryKey: ['viewer-place', q, id, day],
    queryFn: async () => {
      const one = { id, shownAt: Math.floor(Date.parse(shownAt ?? '') / 1000) }
      const number = await located([from, to], one, (span) =>
        queries.query({ ...spanQuery(q, spans[span] ?? NOWHERE), staleTime: 'static' }),
      )
      return number - from
    },
    enabled: isLong && known < 0 && shownAt !== undefined,
  })
  const here = known < 0 && search.data !== undefined ? from + search.data : known
  const wanted =
    here < 0 || to === 0 ? [] : [here - 1, here, here + 1].flatMap((number) => spans[number] ?? [])
  const { items } = useQueries({ queries: wanted.map((span) => spanQuery(q, span)), combine: joined })
  return { items, at: items.findIndex((item) => item.id === id) }
}

const NOWHERE: Span = { newest: 0, oldest: 0, skip: 0 }

/** The span that is known to hold a picture; -1 if none is. */
function loadedIn(queries: QueryClient, q: string, spans: Span[], [from, to]: [number, number], id: string) {
  for (let number = from; number < to; number++) {
    const { queryKey } = spanQuery(q, spans[number] ?? NOWHERE)
    if (queries.getQueryData<Near[]>(queryKey)?.some((item) => item.id === id)) return number
  }
  return -1
}
