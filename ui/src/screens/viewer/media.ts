/** The media that is seen: what is known of it, where its bytes are, and what people say of it. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { addressOf, api, take, takeVersioned, type Schemas } from '../../api/client'
import { decided, doing, trouble } from '../../shell/undo'
import { useCallback, useMemo, type ReactNode } from 'react'

export type Media = Schemas['WholeMedia']

export const mediaQuery = (id: string) =>
  queryOptions({
    queryKey: ['media', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/media/{media_id}', { params: { path: { media_id: Number(id) } }, signal })),
  })

const SHOWN = /^image\/(?:jpeg|png|gif|webp|avif|bmp)$/
/** Whether browsers can show the original of a picture. */
export const isShown = (mime: string | null) => mime !== null && SHOWN.test(mime)

export const thumbnailOf = (id: string, revision: string | null, size: 320 | 640 | 1280) =>
  addressOf(`/api/v1/files/${id}/thumbnail?size=${size}${revision === null ? '' : `&v=${revision}`}`)
export const originalOf = (id: string, revision: string | null) =>
  addressOf(`/api/v1/files/${id}/original${revision === null ? '' : `?v=${revision}`}`)
export const downloadOf = (id: string) => addressOf(`/api/v1/files/${id}/original?download=true`)

interface Change {
  body: Partial<Schemas['MediaEdit']>
  /** What the media is like at once, before the server has said so. */
  guess: Partial<Media>
  said: ReactNode
}

interface Edit extends Change {
  media: Media
}

const keyOf = (media: Media) => mediaQuery(media.id).queryKey

/** Changes what people say of media: seen at once, kept by the server as a decision, taken back on refusal. */
export function useEdits() {
  const queries = useQueryClient()
  const { mutateAsync } = useMutation({
    // One after the other: each is a change of the version that the one before has made.
    scope: { id: 'media' },
    mutationFn: ({ media, body }: Edit) => {
      const { version } = queries.getQueryData(keyOf(media)) ?? media
      return takeVersioned(
        api.PATCH('/api/v1/media/{media_id}', {
          params: { path: { media_id: Number(media.id) }, header: { 'if-match': `"${version}"` } },
          body: body as Schemas['MediaEdit'], // what is not sent stays as it is
        }),
      )
    },
    onMutate: ({ media, guess }) => {
      const before = queries.getQueryData(keyOf(media))
      queries.setQueryData(keyOf(media), (now) => now && { ...now, ...guess })
      return { before }
    },
    onSuccess: ({ value, etag }, { media, said }) => {
      const version = Number(etag?.replace(/\D/g, ''))
      queries.setQueryData(keyOf(media), (now) => now && { ...now, version: version || now.version })
      decided(said, value)
      void queries.invalidateQueries({ queryKey: ['timeline'] })
    },
    onError: (error, { media, guess }, kept) => {
      const old = Object.entries(kept?.before ?? {}).filter(([name]) => name in guess)
      queries.setQueryData(keyOf(media), (now) => now && { ...now, ...Object.fromEntries(old) })
      trouble(error)
      void queries.invalidateQueries({ queryKey: keyOf(media) })
    },
  })
  return useCallback(
    (media: Media, change: Change) =>
      doing(mutateAsync({ ...change, media })).then(
        () => undefined,
        () => undefined,
      ),
    [mutateAsync],
  )
}

/** As `useEdits`, for one media. */
export function useEdit(media: Media) {
  const edit = useEdits()
  return useMemo(() => ({ mutate: (change: Change) => void edit(media, change) }), [edit, media])
}
