/** Days laid together to spans of some hundred pictures, and long days cut into some: neighbours come in few requests. */
import type { Near } from '../../gallery/near'
import { PART } from '../../gallery/timeline'

const ENOUGH = 200

/** What is asked for at once: some days as a whole, or a part of one. */
export interface Span {
  newest: number
  oldest: number
  skip: number
}

/** Spans, newest first, each with enough pictures or with a part of a long day. */
export function planned(days: readonly number[], counts: readonly number[]): Span[] {
  const spans: Span[] = []
  let held = ENOUGH
  days.forEach((day, index) => {
    const count = counts[index] ?? 0
    const last = spans.at(-1)
    if (count > PART) {
      for (let skip = 0; skip < count; skip += PART) spans.push({ newest: day, oldest: day, skip })
      held = ENOUGH
      return
    }
    if (last === undefined || held >= ENOUGH) {
      spans.push({ newest: day, oldest: day, skip: 0 })
      held = 0
    } else last.oldest = day
    held += count
  })
  return spans
}

/** The spans from one to before another that a day lies in; else the first one that is older. */
export function spansAt(spans: readonly Span[], day: number): [number, number] {
  const found = spans.findIndex((span) => span.oldest <= day)
  const from = found < 0 ? Math.max(0, spans.length - 1) : found
  let to = Math.min(from + 1, spans.length)
  while (spans[to]?.newest === day) to++
  return [from, to]
}

/**
 * The number of the span that a picture lies in, among those from one to before another; looked for by
 * halves, since pictures stand by their time.
 */
export async function located(
  [from, to]: [number, number],
  { id, shownAt }: Pick<Near, 'id' | 'shownAt'>,
  load: (span: number) => Promise<readonly Near[]>,
): Promise<number> {
  let [low, high] = [from, to - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    const near = await load(middle)
    if (near.some((one) => one.id === id)) return middle
    const [newest, oldest] = [near[0]?.shownAt ?? -Infinity, near.at(-1)?.shownAt ?? Infinity]
    if (oldest > shownAt) low = middle + 1
    else if (newest < shownAt) high = middle - 1
    else break
  }
  for (let span = low; span <= high; span++) if ((await load(span)).some((one) => one.id === id)) return span
  return low
}
