/** What was stored since yesterday. A day is UTC's, as in the searches that the numbers lead to. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useLive, type Gone } from '../../api/live'
import { useRefresh } from '../../api/refresh'
import { DAY_MS, today } from '../../words/days'

/** The search that finds what is new, of a kind or at all. */
export function since(kind?: 'image' | 'video', now = Date.now()): string {
  const day = today(now - DAY_MS)
  return [`added>=${day}`, kind && `kind:${kind}`].filter(Boolean).join(' ')
}

const count = (q: string) =>
  take(api.GET('/api/v1/media/count', { params: { query: { q } } })).then((told) => told.count)

const newsQuery = queryOptions({
  queryKey: ['news'],
  queryFn: async () => {
    const [pictures, videos] = await Promise.all([count(since('image')), count(since('video'))])
    return { pictures, videos }
  },
})

export function useNews() {
  const refresh = useRefresh(newsQuery.queryKey, 2000)
  useLive(
    'media',
    useCallback(
      (media: Schemas['MediaItem'] | Gone) => {
        if ('gone' in media || media.state === 'stored' || media.state === 'trashed') refresh()
      },
      [refresh],
    ),
  )
  return useQuery(newsQuery)
}
