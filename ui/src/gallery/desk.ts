/** All that one gallery works with: what is shown, what is selected, where the focus is. */
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { Problem } from '../api/client'
import { formatNumber } from '../words/format'
import { Controller, type View } from './controller'
import type { Fetch } from './loader'
import { readPlace } from './place'
import { Selection, type Chosen, type Everything, type From } from './selection'
import type { Anchor, Block, Buckets, Spot } from './timeline'
import { walk, type Step } from './walk'

const HEIGHTS = [100, 130, 160, 200, 250, 320, 420]
const NORMAL = 160
const LONGEST_RANGE = 20_000

/** The picture that the tab key leads to, and the row that it is drawn in. */
interface TabStop {
  id: string
  row: string
}

/** A range is too long for its pictures to be looked up. */
function tooLong() {
  const most = formatNumber(LONGEST_RANGE)
  const said = msg`At most ${most} can be selected at once. Ctrl A selects all of a search, however many.`
  return new Problem(422, '', i18n._(said), '')
}

export class Desk {
  readonly controller: Controller
  readonly selection = new Selection()
  /** Pictures that have just come. */
  readonly fresh = new Set<string>()
  /** Pictures that somebody here takes back out of the bin: when they come, nobody is surprised. */
  readonly returning = new Set<string>()
  /** The place that the address was last told. */
  told: string | undefined
  /** The picture that has the focus, or had it last. */
  cursor: From | null = null
  /** Whether the cursor is to get the focus once it is drawn. */
  wantsFocus = false
  #stop: TabStop | undefined
  #ranges = 0
  #onRest: (place: Anchor | undefined) => void = () => undefined

  constructor(buckets: Buckets, fetch: Fetch, place: string | undefined) {
    this.controller = new Controller({
      buckets,
      fetch,
      target: keptHeight(),
      place: place === undefined ? undefined : readPlace(place),
      onRest: (rest) => this.#onRest(rest),
    })
  }

  get timeline() {
    return this.controller.timeline
  }

  /** Calls back with the place where the page comes to rest; `undefined` is the very top. */
  follow(onRest: (place: Anchor | undefined) => void) {
    this.#onRest = onRest
  }

  /** Notes what the address says; whether that is something new. */
  tell(place: string | undefined) {
    const isNew = place !== this.told
    this.told = place
    return isNew
  }

  /** The focus is where it was wanted. */
  settle() {
    this.wantsFocus = false
  }

  /** The loaded picture with this id on a day. */
  find(id: string, day: number) {
    return this.timeline.find(id, day)
  }

  /** Where the cursor is now; what was loaded before may have got another number. */
  spot(): Spot | undefined {
    if (this.cursor === null) return undefined
    return this.timeline.find(this.cursor.id, this.cursor.day) ?? this.timeline.spot(this.cursor.number)
  }

  /** The id of the picture that has the focus; undefined while it is not loaded. */
  get focused(): string | undefined {
    const spot = this.spot()
    return spot?.block.tiles?.id[spot.index]
  }

  /** The picture that an element belongs to. */
  spotOf(element: Element | null): Spot | undefined {
    const id = element?.closest<HTMLElement>('.gallery-box .tile')?.dataset.id
    if (id === undefined) return undefined
    for (const { block } of this.controller.view.rows) {
      const index = block.tiles?.id.indexOf(id) ?? -1
      if (index >= 0) return { block, index }
    }
    return undefined
  }

  /** The picture that has the focus just now, which is what keys act on. */
  get active(): Spot | undefined {
    return this.spotOf(document.activeElement)
  }

  /** Whether the arrows go on from the cursor: it is drawn, or is to be as soon as it is loaded. */
  get isWalking() {
    return this.cursor !== null && (this.wantsFocus || this.#isDrawn(this.focused))
  }

  /** Puts the cursor on a picture, and the focus as soon as it is there. */
  focus(spot: Spot, { wanted = true } = {}) {
    this.cursor = this.#from(spot)
    this.wantsFocus = wanted
    if (!wanted) return
    this.controller.reveal(spot)
    this.controller.refresh()
  }

  /** Puts the cursor where one looks while nothing there is loaded; the focus follows as soon as it is. */
  aim() {
    const { timeline } = this
    const at = timeline.at(timeline.layoutTop)
    const { count = 0, height = 0 } = timeline.blocks[at] ?? {}
    const down = height > 0 ? (timeline.layoutTop - timeline.topOf(at)) / height : 0
    const spot = timeline.spot(timeline.firstOf(at) + Math.floor(down * count))
    if (!spot) return
    this.cursor = this.#from(spot)
    this.wantsFocus = true
  }

  /** Gives the focus to a picture that was looked at elsewhere, once its day is loaded. */
  async comeBack(id: string, day: number) {
    const { cursor } = this
    const parts = this.timeline.partsOf(day)
    if (!this.find(id, day) && countOf(parts) <= LONGEST_RANGE) await this.controller.ensure(parts)
    const spot = this.find(id, day)
    if (spot && cursor === this.cursor) this.focus(spot) // else one has gone on meanwhile
  }

  /** Walks on from the cursor; with `stretching` the range grows with it. */
  async walk(step: Step, { stretching = false } = {}) {
    const here = this.spot()
    if (!here) return
    if (stretching) this.selection.begin(this.#from(here))
    const spot = this.timeline.spot(walk(this.timeline, this.timeline.numberOf(here), step))
    if (!spot) return
    this.focus(spot)
    if (stretching) await this.stretch(spot)
  }

  /**
   * The one picture that the tab key leads to: that with the cursor, else the one it was while that is drawn,
   * else the first in sight.
   */
  tabStop(): TabStop | undefined {
    const { view } = this.controller
    const spot = firstInSight(view, this.timeline.layoutTop)
    const first = spot?.block.tiles?.id[spot.index]
    this.#stop = drawn(view, this.focused) ?? drawn(view, this.#stop?.id) ?? drawn(view, first)
    return this.#stop
  }

  toggle(spot: Spot) {
    this.selection.toggle(itemOf(spot), this.#from(spot))
  }

  /** Makes the range reach to a picture. What lies between is looked up where it is not loaded. */
  async stretch(to: Spot) {
    const { from } = this.selection
    if (from === null) {
      this.toggle(to)
      return
    }
    const begin = this.timeline.find(from.id, from.day) ?? this.timeline.spot(from.number)
    if (!begin) return
    const [first, last] = inOrder(this.timeline.numberOf(begin), this.timeline.numberOf(to), begin, to)
    const range = ++this.#ranges
    const blocks = this.#blocks(first, last)
    const isLoaded = hasTiles(blocks)
    if (!isLoaded && this.timeline.numberOf(last) - this.timeline.numberOf(first) >= LONGEST_RANGE)
      throw tooLong()
    const back = this.selection.stretch(this.#between(first, last))
    if (isLoaded) return
    try {
      await this.controller.ensure(blocks)
    } catch (error) {
      back()
      throw error
    }
    if (range === this.#ranges) this.selection.stretch(this.#between(first, last))
  }

  /** Selects these beside what was selected before. */
  frame(spots: Spot[]) {
    this.selection.stretch(spots.map(itemOf))
  }

  /** Selects a day as a whole, or drops it. */
  async toggleDay(day: number) {
    const on = this.dayPicked(day) !== true
    const parts = this.timeline.partsOf(day)
    if (!hasTiles(parts) && countOf(parts) > LONGEST_RANGE) throw tooLong()
    await this.controller.ensure(parts)
    this.selection.set(parts.flatMap(itemsOf), on)
  }

  dayPicked(day: number): boolean | 'mixed' {
    if (this.selection.isEmpty) return false
    if (this.selection.everything) return true
    const parts = this.timeline.partsOf(day)
    const states = new Set(
      parts.flatMap(({ tiles }) => tiles?.id.map((id) => this.selection.has(id)) ?? [false]),
    )
    return states.size > 1 ? 'mixed' : states.has(true)
  }

  selectAll(everything: Everything) {
    this.selection.all(everything)
  }

  /**
   * Takes pictures off the table; the cursor goes to the next one. With `follow` the focus goes with it: not
   * where the focus is elsewhere, and not to what nobody sees.
   */
  remove(ids: ReadonlySet<string>, { follow = false } = {}) {
    const here = this.spot()
    const number = here ? this.timeline.numberOf(here) : -1
    const focused = this.focused
    const wanted = follow && this.#isDrawn(focused)
    const left = focused !== undefined && ids.has(focused)
    const before = left ? (here?.block.tiles?.id.slice(0, here.index) ?? []) : []
    this.controller.remove(ids)
    this.selection.drop(ids)
    if (!left) return
    const next = number - before.filter((id) => ids.has(id)).length
    const spot = this.timeline.spot(Math.min(next, this.timeline.total - 1))
    if (spot) this.focus(spot, { wanted })
    else this.cursor = null
  }

  /** Makes rows higher or lower by steps; what lies `at` pixels below the top stays there. */
  zoom(by: 1 | -1, at?: number) {
    const { target } = this.timeline.shape
    const here = HEIGHTS.findIndex((height) => height >= target)
    const next = HEIGHTS[here + by]
    if (next === undefined) return
    localStorage.setItem('rowHeight', String(next))
    const { timeline, controller } = this
    const spot = at === undefined ? this.spot() : undefined
    const top = spot ? timeline.extent(spot)[0] - timeline.layoutTop : -1
    if (!spot || top < 0 || top >= timeline.viewport) controller.setTarget(next, at ?? 0)
    else {
      const { day, part, tiles } = spot.block
      controller.setTarget(next, top, { day, part, id: tiles?.id[spot.index], index: spot.index, down: 0 })
    }
  }

  canZoom(by: 1 | -1) {
    return HEIGHTS[HEIGHTS.findIndex((height) => height >= this.timeline.shape.target) + by] !== undefined
  }

  #isDrawn(id: string | undefined) {
    return drawn(this.controller.view, id) !== undefined
  }

  #from(spot: Spot): From {
    const id = spot.block.tiles?.id[spot.index] ?? ''
    return { id, day: spot.block.day, number: this.timeline.numberOf(spot) }
  }

  #blocks(first: Spot, last: Spot): Block[] {
    const { timeline } = this
    return timeline.blocks.slice(timeline.indexOf(first.block), timeline.indexOf(last.block) + 1)
  }

  #between(first: Spot, last: Spot): Chosen[] {
    return this.#blocks(first, last).flatMap((block) =>
      itemsOf(block).filter(
        (_, at) => (block !== first.block || at >= first.index) && (block !== last.block || at <= last.index),
      ),
    )
  }
}

const hasTiles = (blocks: Block[]) => blocks.every(({ tiles, count }) => tiles !== undefined || count === 0)
const countOf = (blocks: Block[]) => blocks.reduce((sum, { count }) => sum + count, 0)

function inOrder(a: number, b: number, begin: Spot, end: Spot): [Spot, Spot] {
  return a <= b ? [begin, end] : [end, begin]
}

function keptHeight(): number {
  const kept = Number(localStorage.getItem('rowHeight'))
  return HEIGHTS.includes(kept) ? kept : NORMAL
}

export function itemOf({ block: { tiles }, index }: Spot): Chosen {
  return { id: tiles?.id[index] ?? '', post: tiles?.post[index] ?? '', size: tiles?.size[index] ?? null }
}

function itemsOf(block: Block): Chosen[] {
  return block.tiles?.id.map((_, index) => itemOf({ block, index })) ?? []
}

/** A picture with the row that it is drawn in; undefined if it is not. */
function drawn({ rows }: View, id: string | undefined): TabStop | undefined {
  if (id === undefined) return undefined
  for (const { key, row, block } of rows) {
    const { tiles, layout } = block
    if (row < 0 || !tiles || !layout) continue
    for (let at = layout.rowStart[row] ?? 0; at < (layout.rowStart[row + 1] ?? 0); at++)
      if (tiles.id[at] === id) return { id, row: key }
  }
  return undefined
}

/** The first picture that is wholly in sight; where none is, one of the row that is closest above. */
export function firstInSight({ rows }: View, top: number): Spot | undefined {
  const row = rows.find(({ row, y }) => row >= 0 && y >= top) ?? rows.findLast(({ row }) => row >= 0)
  return row && { block: row.block, index: row.block.layout?.rowStart[row.row] ?? 0 }
}
