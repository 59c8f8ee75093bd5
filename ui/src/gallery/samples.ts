/** Timelines for tests. */
import type { Shape } from './justify'
import { loadsOf } from './loader'
import { DAY_S, type Columns } from './tiles'
import { PART, Timeline, type Block, type Buckets } from './timeline'

export const SHAPE: Shape = { width: 1200, target: 160, gap: 4, columns: 0 }
export const SQUARES: Shape = { width: 390, target: 0, gap: 3, columns: 3 }
export const NEWEST = 20_000

export function bucketsOf(counts: number[], ratio = 1.5): Buckets {
  return {
    day: counts.map((_, at) => NEWEST - at),
    count: counts,
    width: counts.map((count) => count * ratio),
  }
}

/** The pictures of some blocks, as the server would tell them. Their ids say day and number. */
export function columnsOf(
  blocks: Block[],
  ratio: (at: number) => number = (at) => 0.7 + (at % 5) * 0.3,
): Columns {
  const ids = blocks.flatMap(({ day, part, count }) =>
    Array.from({ length: count }, (_, at) => [day, part * PART + at] as const),
  )
  const fill = <T>(value: (day: number, at: number) => T) => ids.map(([day, at]) => value(day, at))
  return {
    id: fill((day, at) => `${day}-${at}`),
    shown_at: fill((day, at) => (day + 1) * DAY_S - 1 - at),
    ratio: fill((_, at) => ratio(at)),
    kind: fill(() => 'image'),
    favourite: fill(() => false),
    thumbhash: fill(() => null),
    duration: fill(() => null),
    revision: fill(() => 'r'),
    post: fill((day, at) => `${day}-${Math.floor(at / 3)}`),
    size: fill(() => 1000),
    author: fill(() => 'ada'),
    caption: fill(() => ''),
  }
}

export function opened(counts: number[], shape = SHAPE, viewport = 800): Timeline {
  const timeline = new Timeline(bucketsOf(counts), shape)
  timeline.resize(viewport)
  return timeline
}

/** Loads what a viewport shows, as the page does. */
export function look(timeline: Timeline, ratio?: (at: number) => number) {
  const { missing } = timeline.window(timeline.layoutTop - 500, timeline.layoutTop + timeline.viewport + 500)
  for (const { blocks } of loadsOf(missing, timeline.skipOf)) timeline.put(blocks, columnsOf(blocks, ratio))
}
