/** Joins a scroll box, a timeline and what is loaded for it. A store for `useSyncExternalStore`. */
import type { Shape } from './justify'
import { hurry, prepare } from '../parts/placeholder'
import { Loader, loadsOf, whole, type Fetch } from './loader'
import { Own, type Hold } from './own'
import type { Change, Columns } from './tiles'
import {
  HEADER,
  NEAR,
  Timeline,
  type Anchor,
  type Block,
  type Buckets,
  type RowRef,
  type Spot,
} from './timeline'

export interface View {
  rows: RowRef[]
  /** Where the layer of the rows stands in the scroll box; rows are placed from `base`. */
  offset: number
  base: number
  boxHeight: number
  /** Too fast for pictures: only what is known of them is shown. */
  fast: boolean
  /** How many pictures have come that are not shown yet. */
  held: number
  error: unknown
  version: number
}

interface Wishes {
  buckets: Buckets
  fetch: Fetch
  target: number
  place: Anchor | undefined
  /** Called when the page has come to rest; `undefined`: at the very top. */
  onRest: (place: Anchor | undefined) => void
}

const REST_MS = 120
const PLACE_MS = 500
const FAST = 350 // pixels between two events, some twenty screens a second; who is fast stays so down to the half
const NEARBY = 100_000 // pixels that the compositor tells apart from each other
const AGAIN_MS = 2_000
const AGAIN_AT_MOST_MS = 60_000
const KEPT = 60_000 // pictures
const EDGE = 8

export class Controller {
  readonly timeline: Timeline
  view: View
  #wishes: Wishes
  #loader: Loader
  #own = new Own((favourites) => this.#favour(favourites))
  #watchers = new Set<() => void>()
  #box: HTMLElement | undefined
  #scrolled = 0
  #speed = 0
  #base = 0
  #geometry = 0
  #shown = ''
  #frame = 0
  #settling = 0
  #resting: ReturnType<typeof setTimeout> | undefined
  #placing: ReturnType<typeof setTimeout> | undefined
  /** Where one wants to be, until that is loaded. */
  #goal: Anchor | undefined
  #held: Buckets | undefined
  #below = 0
  /** After a jump only what is in sight is drawn and loaded, until it is there. */
  #landing = false
  #failures = 0
  #again: ReturnType<typeof setTimeout> | undefined

  constructor(wishes: Wishes) {
    this.#wishes = wishes
    this.#goal = wishes.place
    this.timeline = new Timeline(wishes.buckets, { width: 0, target: wishes.target, gap: 4, columns: 0 })
    this.#loader = new Loader(
      wishes.fetch,
      this.timeline.skipOf,
      (blocks, columns, outdated) => this.#took(blocks, columns, outdated),
      (error) => this.#failed(error),
    )
    this.view = {
      ...{ rows: [], offset: 0, base: 0, boxHeight: 0 },
      ...{ fast: false, held: 0, error: null, version: 0 },
    }
  }

  subscribe = (watch: () => void) => {
    this.#watchers.add(watch)
    return () => void this.#watchers.delete(watch)
  }
  snapshot = () => this.view

  attach(box: HTMLElement) {
    this.#box = box
    const inner = box.firstElementChild as HTMLElement
    const fit = () => this.#fit(inner.clientWidth, box.clientHeight)
    const resize = new ResizeObserver(fit)
    resize.observe(box)
    box.addEventListener('scroll', this.#onScroll, { passive: true })
    fit()
    if (this.view.error !== null) this.retry() // nobody has tried again since the page was left
    return () => {
      resize.disconnect()
      box.removeEventListener('scroll', this.#onScroll)
      clearTimeout(this.#resting)
      clearTimeout(this.#placing)
      clearTimeout(this.#again)
      cancelAnimationFrame(this.#settling)
      cancelAnimationFrame(this.#frame)
      this.#frame = 0
      this.#speed = 0
      this.#box = undefined
      this.#loader.stop()
    }
  }

  /** Keeps what is revealed clear of something at the lower edge, so many pixels high. */
  cover(pixels: number) {
    this.#below = pixels
  }

  /** Goes anywhere in layout space at once. */
  jump(y: number) {
    this.#goal = undefined
    this.timeline.scrollTo(y)
    this.#speed = 0
    this.#landing = true
    this.#rebase()
    if (this.view.error === null) this.#update()
    else this.retry()
    this.#later()
  }

  jumpTo(place: Anchor) {
    this.jump(this.timeline.yOf(place))
    this.#goal = place
  }

  /** Scrolls as little as shows a picture. */
  reveal(spot: Spot) {
    const { timeline } = this
    const [top, bottom] = timeline.extent(spot)
    const end = timeline.layoutTop + timeline.viewport - this.#below - EDGE
    let y = timeline.layoutTop
    if (top - HEADER < y) y = top - HEADER
    else if (bottom > end) y = Math.min(top - HEADER, y + bottom - end)
    if (Math.abs(y - timeline.layoutTop) > 4 * timeline.viewport) this.jump(y)
    else if (y !== timeline.layoutTop) this.#moveTo(y)
    if (!spot.block.tiles) this.#later()
  }

  /** Scrolls by some pixels, as a wheel does. */
  scrollBy(pixels: number) {
    this.#moveTo(this.timeline.layoutTop + pixels)
  }

  /** Gives rows another height; what lies `at` pixels below the top, or `place` there, stays there. */
  setTarget(target: number, at: number, place?: Anchor) {
    const { timeline } = this
    this.#reshape({ ...timeline.shape, target }, timeline.viewport, timeline.layoutTop + at, place)
  }

  /** What the server tells of the days now: taken in at once where nobody is pushed, else held back. */
  offer(buckets: Buckets, quiet: boolean) {
    const growth = this.timeline.growth(buckets)
    if (growth === 0 || quiet || this.timeline.layoutTop <= 0) {
      this.#held = undefined
      this.timeline.merge(buckets)
      this.refresh({ held: 0 })
    } else {
      this.#held = buckets
      this.#publish({ held: growth })
    }
  }

  /** Takes in what was held back. */
  take() {
    if (this.#held) this.timeline.merge(this.#held)
    this.#held = undefined
    this.refresh({ held: 0 })
  }

  remove(ids: ReadonlySet<string>) {
    this.timeline.remove(ids)
    this.refresh()
  }

  /** Shows what was told of a picture; says whether it is loaded. What was changed here holds for a while. */
  patch(id: string, day: number, { favourite, ...rest }: Change) {
    const now = favourite === undefined ? rest : { ...rest, favourite: this.#own.told(id, favourite) }
    const known = this.timeline.patch(id, day, now)
    this.#loader.outdate(day)
    if (known) this.refresh()
    return known
  }

  /** Makes loaded pictures favourites, or no longer, before the server knows; it holds against older news. */
  favour(ids: ReadonlySet<string>, favourite: boolean): Hold {
    const before = this.favourites(ids)
    const now = new Map([...before.keys()].map((id) => [id, favourite]))
    this.#favour(now)
    return this.#own.hold(now, before)
  }

  /** Which of some loaded pictures are favourites. */
  favourites(ids: ReadonlySet<string>): Map<string, boolean> {
    const found = new Map<string, boolean>()
    for (const { tiles } of this.timeline.blocks)
      tiles?.id.forEach((id, at) => ids.has(id) && found.set(id, tiles.favourite[at] === true))
    return found
  }

  /** Has everything loaded again as it is seen. */
  touch(day?: number) {
    this.timeline.touch(day)
    this.#loader.outdate(day)
    if (this.view.error !== null) this.retry()
    this.refresh()
  }

  retry() {
    clearTimeout(this.#again)
    this.#publish({ error: null })
    this.#update()
  }

  /** Loads blocks that are not loaded yet. */
  async ensure(blocks: Block[]) {
    const { signal } = new AbortController()
    const missing = blocks.filter((block) => !block.tiles)
    for (const { ask, blocks: some } of loadsOf(missing, this.timeline.skipOf))
      this.#took(some, await whole(this.#wishes.fetch, ask, signal))
  }

  /** Draws anew what has changed in the timeline. */
  refresh(now: Partial<View> = {}) {
    if (this.#speed === 0) this.#rebase()
    this.#geometry++
    this.#update(now)
  }

  #favour(favourites: ReadonlyMap<string, boolean>) {
    for (const { day, tiles } of this.timeline.blocks)
      for (const id of tiles?.id ?? []) {
        const favourite = favourites.get(id)
        if (favourite !== undefined) this.timeline.patch(id, day, { favourite })
      }
    this.refresh()
  }

  #fit(width: number, viewport: number) {
    const { timeline } = this
    if (width === 0 || viewport === 0) return
    const phone = matchMedia('(max-width: 720px)').matches
    const shape = { ...timeline.shape, width, gap: phone ? 3 : 4, columns: phone ? 3 : 0 }
    if (width === timeline.shape.width && shape.columns === timeline.shape.columns) {
      timeline.resize(viewport)
      this.refresh()
    } else this.#reshape(shape, viewport, timeline.layoutTop)
  }

  #reshape(shape: Shape, viewport: number, at: number, place?: Anchor) {
    this.timeline.reshape(shape, viewport, at, place)
    if (this.#goal) this.timeline.scrollTo(this.timeline.yOf(this.#goal))
    this.#rebase()
    this.#geometry++
    this.#update()
  }

  #moveTo(y: number) {
    this.timeline.scrollTo(y)
    this.#rebase()
    this.#update()
    this.#later()
  }

  #onScroll = () => {
    const { timeline } = this
    const box = this.#box
    if (!box) return
    const moved = box.scrollTop - this.#scrolled
    if (moved === 0) return
    this.#goal = undefined
    this.#landing = false
    this.#scrolled = box.scrollTop
    this.#speed = Math.abs(moved)
    if (this.#speed <= 4 * timeline.viewport) timeline.scrollTo(timeline.layoutTop + moved)
    else {
      timeline.scrollTo(timeline.fromBox(box.scrollTop))
      this.#origin()
    }
    const short = box.scrollTop <= 0 ? timeline.layoutTop > 0 : timeline.layoutTop < timeline.maxLayout
    if (short && (box.scrollTop <= 0 || box.scrollTop >= timeline.maxBox)) this.#rebase()
    this.#soon()
    this.#later()
  }

  /** Draws in the next frame. */
  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#update()
    })
  }

  /** Once nothing moves: the two spaces are brought together, pictures are shown, old ones forgotten. */
  #later() {
    clearTimeout(this.#resting)
    clearTimeout(this.#placing)
    cancelAnimationFrame(this.#settling)
    this.#resting = setTimeout(() => {
      // Where a frame takes longer than the rest, a step that is on its way is told before the next one.
      this.#settling = requestAnimationFrame(() => {
        this.#speed = 0
        this.#rebase()
        this.#update()
        this.timeline.evict(KEPT)
      })
    }, REST_MS)
    this.#placing = setTimeout(() => {
      const { timeline } = this
      this.#wishes.onRest(timeline.layoutTop > 0 ? timeline.anchorAt(timeline.layoutTop) : undefined)
    }, PLACE_MS)
  }

  /** Puts the scroll box where the proportion says; what is drawn moves along, so nothing is seen. */
  #rebase() {
    const { timeline } = this
    const box = this.#box
    if (!box) return
    const want = Math.round(timeline.toBox(timeline.layoutTop))
    if (this.view.boxHeight !== timeline.boxHeight)
      (box.firstElementChild as HTMLElement).style.height = pixels(timeline.boxHeight)
    if (Math.abs(box.scrollTop - want) > 1) box.scrollTop = want
    this.#scrolled = box.scrollTop
    this.#origin()
  }

  /** Rows are placed from something near: the compositor counts in few digits. A new place draws all anew. */
  #origin() {
    const { layoutTop } = this.timeline
    if (Math.abs(layoutTop - this.#base) > NEARBY) this.#base = layoutTop
  }

  #failed(error: unknown) {
    const wait = Math.min(AGAIN_AT_MOST_MS, AGAIN_MS * 2 ** this.#failures++)
    clearTimeout(this.#again)
    this.#again = setTimeout(() => this.retry(), wait)
    this.#publish({ error })
  }

  #took(blocks: Block[], columns: Columns, outdated = false) {
    const before = this.timeline.layoutTop
    this.timeline.put(blocks, this.#own.loaded(columns))
    prepare(columns.thumbhash)
    this.#base += this.timeline.layoutTop - before // what is seen stays where it is drawn
    this.#failures = 0
    if (this.#goal) {
      this.timeline.scrollTo(this.timeline.yOf(this.#goal))
      const { day, part } = this.#goal
      if (blocks.some((block) => block.day === day && block.part === part)) this.#goal = undefined
      this.#speed = 0
    }
    if (this.#speed === 0 || this.timeline.layoutTop === this.timeline.maxLayout) this.#rebase()
    if (outdated) for (const block of blocks) block.stale = true
    this.refresh()
    if (!this.#goal && this.timeline.layoutTop !== before) this.#later() // it is another place than was told
  }

  #update(now: Partial<View> = {}) {
    const { timeline } = this
    if (!timeline.shape.width) return
    hurry(this.#speed > 0)
    const fast = this.#speed > (this.view.fast ? FAST / 2 : FAST)
    const top = timeline.layoutTop
    const near = this.#landing ? 0 : NEAR
    const { rows, missing } = timeline.window(top - near, top + timeline.viewport + near)
    if (this.view.error === null) this.#loader.want(missing, { hold: fast })
    if (this.#landing && missing.length === 0) {
      this.#landing = false
      this.#soon()
    }
    const offset = this.#scrolled - top + this.#base
    const shown = [
      rows[0]?.key,
      rows.at(-1)?.key,
      rows.length,
      fast,
      this.#geometry,
      Math.round(offset),
    ].join()
    if (shown === this.#shown) return
    this.#shown = shown
    this.#publish({ rows, offset, base: this.#base, boxHeight: timeline.boxHeight, fast, ...now })
  }

  #publish(now: Partial<View>) {
    this.view = { ...this.view, ...now, version: this.view.version + 1 }
    for (const watch of this.#watchers) watch()
  }
}

const pixels = (value: number) => `${value}px`
