/** What a search needs once it says something: the timeline alone does without. */
import { lazily } from '../../parts/lazily'

export const FacetList = lazily(async () => (await import('./Facets')).FacetList)
export const Facets = lazily(async () => (await import('./Facets')).Facets)
export const NothingFound = lazily(async () => (await import('./NothingFound')).NothingFound)
export const Picker = lazily(async () => (await import('./Picker')).Picker)
export const Said = lazily(async () => (await import('./Said')).Said)

/** Loads what a search stands in, so that nothing moves when it comes. */
export const searching = () => Promise.all([Facets.ready(), Said.ready()])
