/** What was changed here: it holds against older news of the same pictures until the newer must have come. */
import type { Columns } from './tiles'

const LATE_MS = 2_000 // by then the news of a change have come, counted from its answer

type Favourites = ReadonlyMap<string, boolean>

interface Held {
  favourite: boolean
  /** What was told of it meanwhile, the last word. */
  news: boolean | undefined
}

export interface Hold {
  /** The change was made; older news may still be on their way. */
  made: () => void
  /** The change was taken back: what is told from now on counts. */
  over: () => void
  /** The change was not made: the pictures are what they were before, unless they were changed again since. */
  failed: () => void
}

export class Own {
  #held = new Map<string, Held>()

  /** `show` is told of the pictures that turned out otherwise than they were held, and how. */
  constructor(readonly show: (favourites: Favourites) => void) {}

  hold(now: Favourites, before: Favourites): Hold {
    const mine = new Map<string, Held>()
    for (const [id, favourite] of now) mine.set(id, { favourite, news: undefined })
    for (const [id, one] of mine) this.#held.set(id, one)
    const end = (otherwise?: Favourites) => {
      const still = [...mine].filter(([id, one]) => this.#held.get(id) === one)
      for (const [id] of still) this.#held.delete(id)
      const known = still.map(
        ([id, { favourite, news }]) => [id, news ?? otherwise?.get(id) ?? favourite] as const,
      )
      const denied = known.filter(([id, favourite]) => favourite !== now.get(id))
      if (denied.length) this.show(new Map(denied))
    }
    return {
      made: () => setTimeout(end, LATE_MS),
      over: () => end(),
      failed: () => end(before),
    }
  }

  /** What is to be shown of a picture of which this was told. */
  told(id: string, favourite: boolean): boolean {
    const one = this.#held.get(id)
    if (!one) return favourite
    one.news = favourite
    return one.favourite
  }

  /** What is to be shown of pictures that were loaded. */
  loaded(columns: Columns): Columns {
    if (this.#held.size === 0) return columns
    return { ...columns, favourite: columns.favourite.map((is, at) => this.told(columns.id[at] ?? '', is)) }
  }
}
