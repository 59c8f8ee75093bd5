/** Days laid together to spans of some hundred pictures, so that neighbours come in few requests. */
import type { Schemas } from '../../api/client'

const ENOUGH = 200
export const DAY_S = 86_400

export interface Near {
  id: string
  kind: string
  ratio: number
  revision: string | null
  thumbhash: string | null
  duration: number | null
  day: number
}
export interface Span {
  newest: number
  oldest: number
}

export function tilesOf(assets: Schemas['Assets']): Near[] {
  return assets.id.map((id, index) => ({
    id,
    kind: assets.kind[index] ?? '',
    ratio: assets.ratio[index] ?? 1,
    revision: assets.revision[index] ?? null,
    thumbhash: assets.thumbhash[index] ?? null,
    duration: assets.duration[index] ?? null,
    day: Math.floor((assets.shown_at[index] ?? 0) / DAY_S),
  }))
}

/** Spans of days, newest first, each with enough pictures or with one full day. */
export function planned(days: readonly number[], counts: readonly number[]): Span[] {
  const spans: Span[] = []
  let held = 0
  days.forEach((day, index) => {
    const last = spans.at(-1)
    if (last === undefined || held >= ENOUGH) {
      spans.push({ newest: day, oldest: day })
      held = 0
    } else last.oldest = day
    held += counts[index] ?? 0
  })
  return spans
}

/** The span that a day lies in, or the first one that is older. */
export function spanAt(spans: readonly Span[], day: number): number {
  const found = spans.findIndex((span) => span.oldest <= day)
  return found < 0 ? spans.length - 1 : found
}
