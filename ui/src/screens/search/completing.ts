/** What completes a search while it is typed, in the bar and in the filter alike. */
import { facetOf, useFacets, useTags } from './data'
import { namesFor, typingIn, valuesFor, type Suggestion, type Typing } from './suggest'
import { useTitles, type Titles } from './titles'

export interface Completing {
  typing: Typing
  offered: Suggestion[]
  /** What numbers of subscriptions stand for. */
  titles: Titles
}

/** What could be meant by the end of a text. `q` is what the search says beside it; nothing while it is closed. */
export function useCompleting(text: string, q: string, open: boolean): Completing {
  const typing = typingIn(text)
  const { name, piece } = typing
  const facets = useFacets(q, { of: name ?? [], enabled: open && name !== null })
  const tags = useTags(piece, open && name === 'tag')
  const known = name === 'tag' ? (tags.data?.items ?? []) : facetOf(facets.data, name ?? '')
  const titles = useTitles(open && name === 'source')
  return { typing, titles, offered: open ? [...namesFor(typing), ...valuesFor(typing, known, titles)] : [] }
}
