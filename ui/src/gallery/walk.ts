/** Where the arrows lead in the timeline. */
import { rowOf, type Block, type Spot, type Timeline } from './timeline'

export type Step = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End'

/** The number of the picture that a key leads to from another; the same one where there is no way. */
export function walk(timeline: Timeline, number: number, step: Step): number {
  const last = timeline.total - 1
  switch (step) {
    case 'Home':
      return 0
    case 'End':
      return last
    case 'ArrowLeft':
      return Math.max(0, number - 1)
    case 'ArrowRight':
      return Math.min(last, number + 1)
    default: {
      const spot = timeline.spot(number)
      return spot ? across(timeline, spot, step === 'ArrowUp' ? -1 : 1) : number
    }
  }
}

/** The picture in the next row that lies closest below or above. */
function across(timeline: Timeline, { block, index }: Spot, by: 1 | -1): number {
  const here = timeline.numberOf({ block, index })
  const { layout } = block
  const row = layout ? rowOf(layout, index) + by : -1
  if (layout && row >= 0 && row < layout.rowTop.length)
    return timeline.numberOf({ block, index: nearest(block, row, middle(block, index)) })
  const next = neighbour(timeline, block, by)
  if (next === undefined) return here
  const rows = next.layout?.rowTop.length ?? 0
  if (rows === 0) return timeline.numberOf({ block: next, index: by > 0 ? 0 : next.count - 1 })
  const into = nearest(next, by > 0 ? 0 : rows - 1, middle(block, index))
  return timeline.numberOf({ block: next, index: into })
}

function neighbour(timeline: Timeline, block: Block, by: 1 | -1): Block | undefined {
  let at = timeline.indexOf(block) + by
  while (timeline.blocks[at]?.count === 0) at += by
  return timeline.blocks[at]
}

function middle({ layout }: Block, index: number): number {
  return layout ? (layout.left[index] ?? 0) + (layout.width[index] ?? 0) / 2 : 0
}

function nearest(block: Block, row: number, x: number): number {
  const from = block.layout?.rowStart[row] ?? 0
  const to = block.layout?.rowStart[row + 1] ?? from + 1
  let best = from
  for (let at = from; at < to; at++)
    if (Math.abs(middle(block, at) - x) < Math.abs(middle(block, best) - x)) best = at
  return best
}
