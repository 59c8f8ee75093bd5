/** Rows of pictures: all of a row are of one height, and together as wide as the page. */

/** Where the pictures of a block stand. Arrays of `left` and `width` are by picture, the others by row. */
export interface Layout {
  left: Float32Array
  width: Float32Array
  /** The first picture of each row, and one more: how many pictures there are. */
  rowStart: Int32Array
  rowTop: Float32Array
  rowHeight: Float32Array
  height: number
}

export interface Shape {
  /** The width of the page, in pixels. */
  width: number
  /** The height that rows come close to. */
  target: number
  gap: number
  /** Squares in so many columns instead of rows; 0 is rows. */
  columns: number
}

/** How much higher than wanted a row may be stretched where another block continues below it. */
const STRETCH = 1.6
/** A last row that is nearly full is filled. */
const FILLED = 1.2

/**
 * Lays pictures out by their ratios of width to height. `continued`: more of the day follows in another
 * block, so the last row is filled as well.
 */
export function layOut(ratios: Float32Array, shape: Shape, continued: boolean): Layout {
  return shape.columns ? squares(ratios.length, shape) : rows(ratios, shape, continued)
}

/** How wide pictures are together if they leave room beside them: one row that is not filled. */
export function narrowWidth(count: number, ratio: number, shape: Shape): number | undefined {
  const { width, target, gap, columns } = shape
  const gaps = gap * (count - 1)
  if (columns || count === 0 || (width - gaps) / ratio <= target * FILLED) return undefined
  return ratio * target + gaps
}

/** About how high a block will be of which only the number of pictures and their total ratio is known. */
export function guessHeight(count: number, ratio: number, shape: Shape): number {
  const { width, target, gap, columns } = shape
  if (columns) return Math.ceil(count / columns) * (side(width, gap, columns) + gap)
  if (narrowWidth(count, ratio, shape) !== undefined) return target + gap
  const lines = Math.max(1, Math.round((ratio * target + count * gap) / width + 0.4))
  return lines * (target * 0.93 + gap)
}

const side = (width: number, gap: number, columns: number) => (width - gap * (columns - 1)) / columns

function squares(count: number, { width, gap, columns }: Shape): Layout {
  const edge = side(width, gap, columns)
  const lines = Math.ceil(count / columns)
  const line = (_: unknown, at: number) => at
  return {
    left: Float32Array.from({ length: count }, (_, at) => (at % columns) * (edge + gap)),
    width: new Float32Array(count).fill(edge),
    rowStart: Int32Array.from({ length: lines + 1 }, (_, at) => Math.min(count, at * columns)),
    rowTop: Float32Array.from({ length: lines }, line).map((at) => at * (edge + gap)),
    rowHeight: new Float32Array(lines).fill(edge),
    height: lines * (edge + gap),
  }
}

function rows(ratios: Float32Array, shape: Shape, continued: boolean): Layout {
  const { width, target, gap } = shape
  const count = ratios.length
  const left = new Float32Array(count)
  const widths = new Float32Array(count)
  const starts = rowStarts(ratios, shape, continued)
  const tops: number[] = []
  const heights: number[] = []
  let top = 0
  for (let row = 0; row + 1 < starts.length; row++) {
    const [from, to] = [starts[row] ?? 0, starts[row + 1] ?? count]
    let sum = 0
    for (let at = from; at < to; at++) sum += ratios[at] ?? 1
    const full = (width - gap * (to - from - 1)) / sum
    const last = row + 2 === starts.length
    const height = last && !continued && full > target * FILLED ? target : full
    let x = 0
    for (let at = from; at < to; at++) {
      left[at] = x
      widths[at] = (ratios[at] ?? 1) * height
      x += (widths[at] ?? 0) + gap
    }
    tops.push(top)
    heights.push(height)
    top += height + gap
  }
  return {
    left,
    width: widths,
    rowStart: Int32Array.from(starts),
    rowTop: Float32Array.from(tops),
    rowHeight: Float32Array.from(heights),
    height: top,
  }
}

function rowStarts(ratios: Float32Array, { width, target, gap }: Shape, continued: boolean): number[] {
  const starts = [0]
  let sum = 0
  for (let at = 0; at < ratios.length; at++) {
    sum += ratios[at] ?? 1
    const from = starts.at(-1) ?? 0
    if (sum * target + gap * (at - from) < width) continue
    starts.push(at + 1)
    sum = 0
  }
  if (starts.at(-1) !== ratios.length) {
    const from = starts.at(-1) ?? 0
    const stretched = (width - gap * (ratios.length - from - 1)) / sum
    if (continued && starts.length > 1 && stretched > target * STRETCH) starts.pop()
    starts.push(ratios.length)
  }
  return starts
}
