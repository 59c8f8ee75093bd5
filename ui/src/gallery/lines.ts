/** Where blocks stand: days follow one another in a line while the page has room beside them. */
import { narrowWidth, type Shape } from './justify'
import type { Block } from './timeline'

/** By block, and one more for the end of all. */
export interface Places {
  /** In layout space. */
  tops: Float64Array
  /** The number of its first picture among all. */
  firsts: Float64Array
  /** The first of the blocks that it stands beside; itself where it begins a line. */
  lines: Int32Array
}

/** The space between two days that stand side by side, and the least that a day's name needs. */
const BESIDE = 28
const NARROWEST = 168

/** Gives each block its place; its `left` and `span` are set. */
export function placesOf(blocks: readonly Block[], shape: Shape): Places {
  const count = blocks.length
  const tops = new Float64Array(count + 1)
  const firsts = new Float64Array(count + 1)
  const lines = new Int32Array(count + 1)
  const { width } = shape
  let [y, high, x, first, line] = [0, 0, Infinity, 0, 0]
  let alone: Block | undefined // has its line to itself, and all of its width
  for (const [at, block] of blocks.entries()) {
    if (block.height > 0) {
      block.span = spanOf(block, shape)
      const opens = x + block.span > width
      if (opens && alone) alone.span = width
      alone = opens ? block : undefined
      if (opens) [y, high, x, line] = [y + high, block.height, 0, at]
      block.left = x
      x += block.span + BESIDE
    }
    tops[at] = y
    firsts[at] = first
    lines[at] = line
    first += block.count
  }
  if (alone) alone.span = width
  // What is empty stands where the next one does, for whoever looks at it while it is emptied.
  for (let at = count - 2; at >= 0; at--)
    if (blocks[at]?.height === 0) {
      tops[at] = tops[at + 1] ?? 0
      lines[at] = lines[at + 1] ?? 0
    }
  tops[count] = y + high
  firsts[count] = first
  lines[count] = count
  return { tops, firsts, lines }
}

/** How much of a line's width a block takes. */
function spanOf({ count, ratio, part, continued }: Block, shape: Shape): number {
  const narrow = part > 0 || continued ? undefined : narrowWidth(count, ratio, shape)
  return narrow === undefined ? shape.width : Math.min(shape.width, Math.max(NARROWEST, narrow))
}
