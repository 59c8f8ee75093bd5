/**
 * The geometry of a timeline of any length, without a DOM.
 *
 * Two spaces. Layout space is real: a million pictures are 40 million pixels high, more than a browser lets
 * an element be. Scroll space is the scroll box, never higher than `BOX`. Who scrolls a little moves layout
 * space one to one; who jumps, moves by proportion; at rest the two are brought together unseen. Heights
 * that turn out other than guessed move `layoutTop`, so that what is seen stays where it is, and nobody
 * writes into a scroll box that is moving.
 */
import { guessHeight, layOut, type Layout, type Shape } from './justify'
import { placesOf, type Places } from './lines'
import { changed, dayOf, tilesOf, without, type Change, type Columns, type Tiles } from './tiles'

export interface Buckets {
  day: number[]
  count: number[]
  /** Of each day the sum of width to height. */
  width: number[]
}

/** A day, or a part of a long one: what is loaded, laid out and forgotten at once. */
export interface Block {
  readonly day: number
  /** Which part of its day, from 0; the first has the header. */
  readonly part: number
  count: number
  ratio: number
  continued: boolean
  height: number
  /** Where it begins and how wide its place is, in pixels: small days stand side by side. */
  left: number
  span: number
  tiles: Tiles | undefined
  layout: Layout | undefined
  /** What is shown is no longer how it stands: to be loaded again. */
  stale: boolean
  used: number
}

export interface RowRef {
  key: string
  block: Block
  /** -1 is the header of the day, with all of the block if that is not loaded. */
  row: number
  /** Its top in layout space. */
  y: number
}

/** A place that outlasts a change of the layout. */
export interface Anchor {
  day: number
  part: number
  id: string | undefined
  /** The picture in its block; -1: somewhere in the block or its header. */
  index: number
  /** How far down, as a part of the row; of the block for -1; pixels from the top in the header. */
  down: number
}

/** A picture's place among all: its block and its number in there. */
export interface Spot {
  block: Block
  index: number
}

export const BOX = 3_000_000
export const HEADER = 44
/** Pictures in a part of a long day: a multiple of the columns of phones. */
export const PART = 600
const LONG = 900
/** So far beyond what is seen, in pixels, pictures are drawn and loaded. */
export const NEAR = 500

const num = (array: ArrayLike<number>, at: number) => array[at] ?? 0

export class Timeline {
  blocks: Block[] = []
  layoutTop = 0
  viewport = 0
  shape: Shape
  #places: Places
  #loaded = 0
  #clock = 0

  constructor(buckets: Buckets, shape: Shape) {
    this.shape = shape
    this.blocks = blocksOf(buckets)
    for (const block of this.blocks) this.#measure(block)
    this.#places = placesOf(this.blocks, this.shape)
  }

  get height() {
    return num(this.#places.tops, this.blocks.length)
  }
  get total() {
    return num(this.#places.firsts, this.blocks.length)
  }
  /** Pictures in memory. */
  get loaded() {
    return this.#loaded
  }
  get boxHeight() {
    return Math.min(this.height, BOX)
  }
  get maxLayout() {
    return Math.max(0, this.height - this.viewport)
  }
  get maxBox() {
    return Math.max(0, this.boxHeight - this.viewport)
  }

  /** Where a scroll box stands at a place of layout space, by proportion. */
  toBox(y: number) {
    if (this.boxHeight === this.height) return y
    return this.maxLayout ? (y / this.maxLayout) * this.maxBox : 0
  }

  /** The place of layout space that a scroll box stands for. */
  fromBox(y: number) {
    if (this.boxHeight === this.height) return Math.min(y, this.maxLayout)
    return this.maxBox ? Math.min(1, Math.max(0, y / this.maxBox)) * this.maxLayout : 0
  }

  scrollTo(y: number) {
    this.layoutTop = Math.min(this.maxLayout, Math.max(0, y))
  }

  /** Takes another shape; what lies at `at` (in layout space), or `place` there, stays on the screen. */
  reshape(shape: Shape, viewport: number, at = this.layoutTop, place?: Anchor) {
    this.#keep(
      () => {
        this.viewport = viewport
        this.shape = shape
        for (const block of this.blocks) this.#measure(block)
      },
      at,
      place,
    )
  }

  resize(viewport: number) {
    this.viewport = viewport
    this.scrollTo(this.layoutTop)
  }

  /**
   * Takes in how much each day holds now. Days that have changed are to be loaded again: what is seen of
   * them stays until then, the rest is forgotten.
   */
  merge(buckets: Buckets) {
    const seen = new Set(
      this.window(this.layoutTop - NEAR, this.layoutTop + this.viewport + NEAR).rows.map(
        ({ block }) => block,
      ),
    )
    const before = byDay(this.blocks)
    const after = blocksOf(buckets)
    const counts = new Map(buckets.day.map((day, at) => [day, num(buckets.count, at)]))
    this.#keep(() => {
      this.blocks = after.map((now) => {
        const parts = before.get(now.day) ?? []
        const same = parts[now.part]
        if (same === undefined) return this.#measure(now)
        if (counts.get(now.day) === countOf(parts) && same.continued === now.continued) return same
        same.continued = now.continued
        if (same.tiles && seen.has(same)) same.stale = true
        else Object.assign(same, { count: now.count, ratio: now.ratio, tiles: undefined, layout: undefined })
        return this.#measure(same)
      })
      this.#loaded = this.blocks.reduce((sum, block) => sum + (block.tiles?.id.length ?? 0), 0)
    })
  }

  /** How many pictures more than here some buckets hold, day by day. */
  growth(buckets: Buckets): number {
    const here = byDay(this.blocks)
    return buckets.day.reduce(
      (sum, day, at) => sum + Math.max(0, num(buckets.count, at) - countOf(here.get(day) ?? [])),
      0,
    )
  }

  /** Takes in what was loaded for some blocks, which are days in a row, or one part of a day. */
  put(blocks: Block[], columns: Columns) {
    this.#keep(() => {
      const { shown_at } = columns
      const dayAt = (at: number) => dayOf(num(shown_at, at))
      let from = 0
      for (const block of blocks) {
        let to = shown_at.length
        if (blocks.length > 1) {
          while (from < shown_at.length && dayAt(from) > block.day) from++
          for (to = from; to < shown_at.length && dayAt(to) === block.day;) to++
        }
        if (this.indexOf(block) >= 0) this.#fill(block, tilesOf(columns, from, to))
        from = to
      }
    })
  }

  /** Takes pictures out, where they are loaded. */
  remove(ids: ReadonlySet<string>) {
    this.#keep(() => {
      for (const block of this.blocks)
        if (block.tiles?.id.some((id) => ids.has(id))) this.#fill(block, without(block.tiles, ids))
    })
  }

  /** Changes a picture where it is loaded; says whether it is. */
  patch(id: string, day: number, change: Change): boolean {
    const spot = this.find(id, day)
    if (spot?.block.tiles === undefined) return false
    spot.block.tiles = changed(spot.block.tiles, spot.index, change)
    return true
  }

  /** Has a day loaded again when it is next seen; without one, all days. */
  touch(day?: number) {
    for (const block of this.blocks)
      if (block.tiles && (day === undefined || block.day === day)) block.stale = true
  }

  /** Forgets the blocks longest unseen, so that memory does not grow with the way. Heights stay. */
  evict(limit: number) {
    if (this.#loaded <= limit) return
    const old = this.blocks.filter((block) => block.tiles).sort((a, b) => a.used - b.used)
    for (const block of old) {
      if (this.#loaded <= limit * 0.7) break
      this.#loaded -= block.tiles?.id.length ?? 0
      block.tiles = block.layout = undefined
    }
  }

  /** What a stretch of layout space shows: its rows, and the blocks that are still to be loaded. */
  window(top: number, bottom: number): { rows: RowRef[]; missing: Block[] } {
    const rows: RowRef[] = []
    const missing: Block[] = []
    for (let at = this.at(Math.max(0, top)); at < this.blocks.length && this.topOf(at) < bottom; at++) {
      const block = this.blocks[at]
      if (block === undefined || block.height === 0) continue
      const { layout, part } = block
      const y = this.topOf(at)
      const name = `${block.day}.${part}`
      if (part === 0 || !layout) rows.push({ key: name, block, row: -1, y })
      if (!layout || block.stale) missing.push(block)
      if (!layout) continue
      block.used = ++this.#clock
      const base = y + headerOf(block)
      const ends = rowEnding(layout, top - base)
      for (let row = ends; row < layout.rowTop.length && base + num(layout.rowTop, row) < bottom; row++)
        rows.push({ key: `${name}.${row}`, block, row, y: base + num(layout.rowTop, row) })
    }
    return { rows, missing }
  }

  /** The number of the block at a height of layout space; of some side by side the first. */
  at(y: number) {
    let [low, high] = [0, Math.max(0, this.blocks.length - 1)]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.topOf(middle) <= y) low = middle
      else high = middle - 1
    }
    return this.lineOf(low)
  }

  /** The number of the first block that stands beside one; its own where it has the page's whole width. */
  lineOf(at: number) {
    return num(this.#places.lines, at)
  }

  topOf(at: number) {
    return num(this.#places.tops, at)
  }

  /** The number of the first picture of a block among all. */
  firstOf(at: number) {
    return num(this.#places.firsts, at)
  }

  indexOf(block: Block): number {
    const at = this.#search(block.day, block.part)
    return this.blocks[at] === block ? at : -1
  }

  /** How many pictures of its day stand before a block: some may have been removed, so no multiple. */
  skipOf = (block: Block): number => {
    const before = this.#search(block.day, 0)
    return this.firstOf(this.#search(block.day, block.part)) - this.firstOf(before)
  }

  /** The blocks of a day. */
  partsOf(day: number): Block[] {
    const parts: Block[] = []
    let at = this.#search(day, 0)
    for (let block = this.blocks[at]; block?.day === day; block = this.blocks[++at]) parts.push(block)
    return parts
  }

  /** The picture with this number among all. */
  spot(number: number): Spot | undefined {
    if (number < 0 || number >= this.total) return undefined
    let [low, high] = [0, this.blocks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.firstOf(middle) <= number) low = middle
      else high = middle - 1
    }
    const block = this.blocks[low]
    return block && { block, index: number - this.firstOf(low) }
  }

  numberOf({ block, index }: Spot): number {
    return this.firstOf(this.indexOf(block)) + index
  }

  /** A loaded picture by its id. */
  find(id: string, day: number): Spot | undefined {
    for (const block of this.partsOf(day)) {
      const index = block.tiles?.id.indexOf(id) ?? -1
      if (index >= 0) return { block, index }
    }
    return undefined
  }

  /** From where to where a picture reaches in layout space; its block where that is not loaded. */
  extent({ block, index }: Spot): [number, number] {
    const top = this.topOf(Math.max(0, this.indexOf(block)))
    if (!block.layout) return [top, top + block.height]
    const row = rowOf(block.layout, index)
    const y = top + headerOf(block) + num(block.layout.rowTop, row)
    return [y, y + num(block.layout.rowHeight, row)]
  }

  anchorAt(y: number): Anchor {
    const at = this.at(y)
    const block = this.blocks[at]
    if (block === undefined) return { day: 0, part: 0, id: undefined, index: -1, down: 0 }
    const place = { day: block.day, part: block.part }
    const down = y - this.topOf(at) - headerOf(block)
    if (!block.layout)
      return { ...place, id: undefined, index: -1, down: (y - this.topOf(at)) / block.height }
    if (down < 0) return { ...place, id: undefined, index: 0, down: down / num(block.layout.rowHeight, 0) }
    const row = Math.min(rowEnding(block.layout, down), block.layout.rowTop.length - 1)
    const index = num(block.layout.rowStart, row)
    const within = (down - num(block.layout.rowTop, row)) / (num(block.layout.rowHeight, row) || 1)
    return { ...place, id: block.tiles?.id[index], index, down: within }
  }

  yOf({ day, part, id, index, down }: Anchor): number {
    const spot = id === undefined ? undefined : this.find(id, day)
    const at = spot ? this.indexOf(spot.block) : this.#search(day, part)
    const near = at >= 0 ? at : -at - 1
    const block = this.blocks[near]
    if (block?.day !== day || (block.part !== part && !spot)) return this.topOf(near)
    if (index < 0) return this.topOf(near) + down * block.height
    if (!block.layout) return this.topOf(near) + (index / Math.max(1, block.count)) * block.height
    const row = rowOf(block.layout, spot?.index ?? Math.min(index, block.count - 1))
    const { rowTop, rowHeight } = block.layout
    return this.topOf(near) + headerOf(block) + num(rowTop, row) + down * num(rowHeight, row)
  }

  /** Changes something, and keeps what lies at `y` where it is on the screen. */
  #keep(change: () => void, y = this.layoutTop, anchor = this.anchorAt(y)) {
    const atTop = this.layoutTop <= 0 && y <= 0
    const atEnd = this.layoutTop > 0 && this.layoutTop >= this.maxLayout - 1
    const below = y - this.layoutTop
    change()
    this.#places = placesOf(this.blocks, this.shape)
    if (atTop) this.layoutTop = 0
    else if (atEnd) this.layoutTop = this.maxLayout
    else this.scrollTo(this.yOf(anchor) - below)
  }

  #fill(block: Block, tiles: Tiles) {
    this.#loaded += tiles.id.length - (block.tiles?.id.length ?? 0)
    block.tiles = tiles
    block.count = tiles.id.length
    block.ratio = tiles.ratios.reduce((sum, ratio) => sum + ratio, 0)
    block.stale = false
    block.used = ++this.#clock
    this.#measure(block)
  }

  #measure(block: Block): Block {
    const { shape } = this
    if (block.count === 0) {
      block.height = 0
      block.layout = block.tiles && layOut(block.tiles.ratios, shape, false)
      return block
    }
    if (block.tiles) block.layout = layOut(block.tiles.ratios, shape, block.continued)
    const inside = block.layout?.height ?? guessHeight(block.count, block.ratio, shape)
    block.height = headerOf(block) + inside
    return block
  }

  /** The number of a block; where it would stand, as `-number - 1`, if there is none. Days descend. */
  #search(day: number, part: number): number {
    let [low, high] = [0, this.blocks.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const { day: there = 0, part: which = 0 } = this.blocks[middle] ?? {}
      if (there === day && which === part) return middle
      if (there > day || (there === day && which < part)) low = middle + 1
      else high = middle - 1
    }
    return -low - 1
  }
}

export function headerOf(block: Block) {
  return block.part === 0 && block.count > 0 ? HEADER : 0
}

/** The row that a picture stands in. */
export function rowOf(layout: Layout, index: number): number {
  let [low, high] = [0, Math.max(0, layout.rowTop.length - 1)]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (num(layout.rowStart, middle) <= index) low = middle
    else high = middle - 1
  }
  return low
}

/** The first row that ends below a height, counted from the first row's top. */
function rowEnding(layout: Layout, y: number): number {
  let [low, high] = [0, layout.rowTop.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (num(layout.rowTop, middle) + num(layout.rowHeight, middle) < y) low = middle + 1
    else high = middle
  }
  return low
}

function byDay(blocks: Block[]): Map<number, Block[]> {
  const days = new Map<number, Block[]>()
  for (const block of blocks) {
    const day = days.get(block.day)
    if (day) day.push(block)
    else days.set(block.day, [block])
  }
  return days
}

function countOf(blocks: Block[]): number {
  return blocks.reduce((sum, block) => sum + block.count, 0)
}

function blocksOf({ day, count, width }: Buckets): Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < day.length; at++) {
    const whole = num(count, at)
    const size = whole > LONG ? PART : whole
    for (let from = 0, part = 0; from < whole; from += size, part++) {
      const held = Math.min(size, whole - from)
      blocks.push({
        day: num(day, at),
        part,
        count: held,
        ratio: (num(width, at) * held) / whole,
        continued: from + size < whole,
        height: 0,
        left: 0,
        span: 0,
        tiles: undefined,
        layout: undefined,
        stale: false,
        used: 0,
      })
    }
  }
  return blocks
}
