/** A picture as its neighbours know it, before all of it is known. */
import { dayOf, type Columns } from './tiles'

export interface Near {
  id: string
  kind: string
  ratio: number
  revision: string | null
  thumbhash: string | null
  duration: number | null
  shownAt: number
  day: number
}

export function nearAt(columns: Columns, at: number): Near {
  return {
    id: columns.id[at] ?? '',
    kind: columns.kind[at] ?? '',
    ratio: columns.ratio[at] ?? 1,
    revision: columns.revision[at] ?? null,
    thumbhash: columns.thumbhash[at] ?? null,
    duration: columns.duration[at] ?? null,
    shownAt: columns.shown_at[at] ?? 0,
    day: dayOf(columns.shown_at[at] ?? 0),
  }
}

let handed: Near | undefined

/** Hands over what is known of a picture to the page that shows it. */
export function hand(near: Near) {
  handed = near
}

export const handedOf = (id: string) => (handed?.id === id ? handed : undefined)
