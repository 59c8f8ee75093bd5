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
  const { layout } = block
  const x = middle(block, index)
  const row = layout ? rowOf(layout, index) + by : -1
  if (layout && row >= 0 && row < layout.rowTop.length)
    return timeline.numberOf({ block, index: nearest(block, row, x) })
  const next = closest(beyond(timeline, block, by), x)
  if (next === undefined) return timeline.numberOf({ block, index })
  const rows = next.layout?.rowTop.length ?? 0
  if (rows === 0) return timeline.numberOf({ block: next, index: by > 0 ? 0 : next.count - 1 })
  return timeline.numberOf({ block: next, index: nearest(next, by > 0 ? 0 : rows - 1, x) })
}

/** The blocks of the next line, or of the one before. */
function beyond(timeline: Timeline, block: Block, by: 1 | -1): Block[] {
  const here = timeline.indexOf(block)
  const found: Block[] = []
  let line: number | undefined
  for (let at = here + by; at >= 0 && at < timeline.blocks.length; at += by) {
    const next = timeline.blocks[at]
    const its = timeline.lineOf(at)
    if (next === undefined || next.count === 0 || its === timeline.lineOf(here)) continue
    if (its !== (line ??= its)) break
    found.push(next)
  }
  return found
}

/** The block whose place a point lies in, or is closest to. */
function closest(blocks: Block[], x: number): Block | undefined {
  const away = ({ left, span }: Block) => Math.max(left - x, x - left - span, 0)
  return blocks.reduce<Block | undefined>(
    (best, block) => (best === undefined || away(block) < away(best) ? block : best),
    undefined,
  )
}

function middle({ layout, left, span }: Block, index: number): number {
  return layout ? left + (layout.left[index] ?? 0) + (layout.width[index] ?? 0) / 2 : left + span / 2
}

function nearest(block: Block, row: number, x: number): number {
  const from = block.layout?.rowStart[row] ?? 0
  const to = block.layout?.rowStart[row + 1] ?? from + 1
  let best = from
  for (let at = from; at < to; at++)
    if (Math.abs(middle(block, at) - x) < Math.abs(middle(block, best) - x)) best = at
  return best
}
