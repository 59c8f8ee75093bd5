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

interface Load {
  ask: Ask
  blocks: Block[]
}

const TOGETHER = 400
const MOST = 5000
const AT_ONCE = 4

export class Loader {
  #pending = new Map<string, AbortController>()

  constructor(
    readonly fetch: Fetch,
    readonly took: (blocks: Block[], columns: Columns) => void,
    readonly failed: (error: unknown) => void,
  ) {}

  /** Loads these blocks, and gives up what is loading otherwise. `hold`: begins nothing new. */
  want(blocks: Block[], { hold = false } = {}) {
    const loads = new Map(loadsOf(blocks).map((load) => [keyOf(load.ask), load]))
    for (const [key, abort] of this.#pending)
      if (!loads.has(key)) {
        abort.abort()
        this.#pending.delete(key)
      }
    if (hold) return
    for (const [key, load] of loads)
      if (!this.#pending.has(key) && this.#pending.size < AT_ONCE) void this.#load(key, load)
  }

  stop() {
    this.want([])
  }

  async #load(key: string, { ask, blocks }: Load) {
    const abort = new AbortController()
    this.#pending.set(key, abort)
    const settle = () => this.#pending.get(key) === abort && this.#pending.delete(key)
    try {
      const columns = await whole(this.fetch, ask, abort.signal)
      settle()
      if (!abort.signal.aborted) this.took(blocks, columns)
    } catch (error) {
      settle()
      if (!abort.signal.aborted) this.failed(error)
    }
  }
}

/** Fetches all of what is asked for, page by page. */
export async function whole(fetch: Fetch, ask: Ask, signal: AbortSignal): Promise<Columns> {
  const pages = [await fetch(ask, undefined, signal)]
  for (let next = pages[0]?.next; next && ask.limit === MOST; next = pages.at(-1)?.next)
    pages.push(await fetch(ask, next, signal))
  return joined(pages)
}

/** What to ask for to have some blocks: days that follow each other together, parts of long days alone. */
export function loadsOf(blocks: Block[]): Load[] {
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
      loads.push({ ask: { newest: day, oldest: day, skip: part * PART, limit: PART }, blocks: [block] })
      continue
    }
    if (count + block.count > TOGETHER) close()
    days.push(block)
    count += block.count
  }
  close()
  return loads
}

function keyOf({ newest, oldest, skip }: Ask) {
  return `${newest}-${oldest}-${skip}`
}
