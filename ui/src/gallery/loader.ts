/** Loads what blocks hold: some days at once, long days in parts; what is no longer wanted is given up. */
import { joined, type Columns } from './tiles'
import { PART, type Block } from './timeline'

export interface Ask {
  newest: number
  oldest: number
  skip: number
  limit: number
}
export interface Page extends Columns {
  next: string | null
}
export type Fetch = (ask: Ask, cursor: string | undefined, signal: AbortSignal) => Promise<Page>

/** How many pictures of its day stand before a block. */
export type SkipOf = (block: Block) => number

interface Load {
  ask: Ask
  blocks: Block[]
  /** Whether something has changed since it was asked for: it may tell what was before. */
  outdated?: boolean
}

const TOGETHER = 400
const MOST = 5000
const AT_ONCE = 4

export class Loader {
  #pending = new Map<Load, AbortController>()

  constructor(
    readonly fetch: Fetch,
    readonly skipOf: SkipOf,
    readonly took: (blocks: Block[], columns: Columns, outdated: boolean) => void,
    readonly failed: (error: unknown) => void,
  ) {}

  /**
   * Loads these blocks, in their order, and gives up what loads none of them. What is on its way already is
   * not asked for again. `hold`: begins nothing new.
   */
  want(blocks: Block[], { hold = false } = {}) {
    const wanted = new Set(blocks)
    const coming = new Set<Block>()
    for (const [load, abort] of this.#pending)
      if (load.blocks.some((block) => wanted.has(block))) for (const block of load.blocks) coming.add(block)
      else {
        abort.abort()
        this.#pending.delete(load)
      }
    if (hold) return
    for (const load of stretches(blocks, coming).flatMap((some) => loadsOf(some, this.skipOf)))
      if (this.#pending.size < AT_ONCE) void this.#load(load)
  }

  /** Notes that something has changed on a day; without one, on all days. */
  outdate(day?: number) {
    for (const load of this.#pending.keys())
      load.outdated ||= day === undefined || load.blocks.some((block) => block.day === day)
  }

  stop() {
    this.want([])
  }

  async #load(load: Load) {
    const abort = new AbortController()
    this.#pending.set(load, abort)
    try {
      const columns = await whole(this.fetch, load.ask, abort.signal)
      this.#pending.delete(load)
      if (!abort.signal.aborted) this.took(load.blocks, columns, load.outdated === true)
    } catch (error) {
      this.#pending.delete(load)
      if (!abort.signal.aborted) this.failed(error)
    }
  }
}

/** The blocks that are not `coming`, those together that nothing coming lies between. */
function stretches(blocks: Block[], coming: ReadonlySet<Block>): Block[][] {
  const found: Block[][] = [[]]
  for (const block of blocks)
    if (coming.has(block)) found.push([])
    else found.at(-1)?.push(block)
  return found
}

/** Fetches all of what is asked for, page by page. */
export async function whole(fetch: Fetch, ask: Ask, signal: AbortSignal): Promise<Columns> {
  const pages = [await fetch(ask, undefined, signal)]
  for (let next = pages[0]?.next; next && ask.limit === MOST; next = pages.at(-1)?.next)
    pages.push(await fetch(ask, next, signal))
  return joined(pages)
}

/** What to ask for to have some blocks: days that follow each other together, parts of long days alone. */
export function loadsOf(blocks: Block[], skipOf: SkipOf): Load[] {
  const loads: Load[] = []
  let days: Block[] = []
  let count = 0
  const close = () => {
    const [first, last] = [days[0], days.at(-1)]
    if (first && last)
      loads.push({ ask: { newest: first.day, oldest: last.day, skip: 0, limit: MOST }, blocks: days })
    days = []
    count = 0
  }
  for (const block of blocks) {
    const { day, part, continued } = block
    if (continued || part > 0) {
      close()
      loads.push({ ask: { newest: day, oldest: day, skip: skipOf(block), limit: PART }, blocks: [block] })
      continue
    }
    if (count + block.count > TOGETHER) close()
    days.push(block)
    count += block.count
  }
  close()
  return loads
}
