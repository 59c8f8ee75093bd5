/** The heart of a media: by its button or by F, also before it is known how it stands. */
import { Trans } from '@lingui/react/macro'
import { CancelledError, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback, useRef } from 'react'
import { doing, trouble } from '../../shell/undo'
import { mediaQuery, useEdits, type Media } from './media'

/** Makes a media a favourite, or no longer; once it is known how it stands, whatever is seen by then. */
export function useFavour() {
  const queries = useQueryClient()
  const edit = useEdits()
  const waiting = useRef(new Set<string>())
  return useCallback(
    (id: string) => {
      const favour = (media: Media) => {
        const { favourite } = media
        return edit(media, {
          body: { favourite: !favourite },
          guess: { favourite: !favourite },
          said: favourite ? <Trans>No favourite any more.</Trans> : <Trans>Added to favourites.</Trans>,
        })
      }
      const known = queries.getQueryData(mediaQuery(id).queryKey)
      if (known) void favour(known)
      else if (!waiting.current.delete(id)) {
        // Who presses twice leaves it as it is.
        waiting.current.add(id)
        const wanted = () => waiting.current.delete(id)
        void doing(toKnow(queries, id).then((media) => (wanted() ? favour(media) : undefined))).catch(
          (error: unknown) => {
            if (wanted()) trouble(error)
          },
        )
      }
    },
    [edit, queries],
  )
}

/** Waits for what is told of a media; who goes on to the next one gives up the question, and it is asked again. */
async function toKnow(queries: QueryClient, id: string): Promise<Media> {
  for (;;)
    try {
      return await queries.query({ ...mediaQuery(id), staleTime: 'static' })
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
    }
}
