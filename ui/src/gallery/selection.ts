/** What is selected: pictures by number, or all that the search finds. */

export interface Chosen {
  id: string
  post: string
  size: number | null
}

/** All that the search finds, as the server counted it. */
export interface Everything {
  count: number
  bytes: number
  exact: boolean
}

/** Where a range begins. */
export interface From {
  id: string
  day: number
  /** Its number among all, for when it is no longer loaded. */
  number: number
}

export class Selection {
  #chosen = new Map<string, Chosen>()
  /** What was selected before the range that is being drawn. */
  #before = new Map<string, Chosen>()
  #everything: Everything | null = null
  #watchers = new Set<() => void>()
  #version = 0
  from: From | null = null

  subscribe = (watch: () => void) => {
    this.#watchers.add(watch)
    return () => void this.#watchers.delete(watch)
  }
  /** A number that grows with every change. */
  version = () => this.#version

  get everything() {
    return this.#everything
  }
  get size() {
    return this.#everything?.count ?? this.#chosen.size
  }
  get isEmpty() {
    return this.#everything === null && this.#chosen.size === 0
  }
  get bytes() {
    if (this.#everything) return this.#everything.bytes
    return [...this.#chosen.values()].reduce((sum, { size }) => sum + (size ?? 0), 0)
  }
  /** How many posts they are from; null where nobody has counted. */
  get posts() {
    return this.#everything ? null : new Set(Array.from(this.#chosen.values(), ({ post }) => post)).size
  }
  get ids(): string[] {
    return [...this.#chosen.keys()]
  }

  has(id: string) {
    return this.#everything !== null || this.#chosen.has(id)
  }

  /** Selects pictures, or drops them. Ranges go on from here. */
  set(items: Iterable<Chosen>, on: boolean, from: From | null = this.from) {
    for (const item of items)
      if (on) this.#chosen.set(item.id, item)
      else this.#chosen.delete(item.id)
    this.#everything = null
    this.#settle(from)
  }

  toggle(item: Chosen, from: From) {
    this.set([item], !this.has(item.id), from)
  }

  /**
   * Makes these the range from where it began: those of a former range that are not among them fall out.
   * Gives the way back, which counts as long as nothing else is done.
   */
  stretch(items: Iterable<Chosen>): () => void {
    const was = this.#chosen
    this.#chosen = new Map(this.#before)
    for (const item of items) this.#chosen.set(item.id, item)
    this.#tell()
    const version = this.#version
    return () => {
      if (this.#version !== version) return
      this.#chosen = was
      this.#tell()
    }
  }

  /** Begins a range where none has begun. */
  begin(from: From) {
    if (this.from === null) this.#settle(from)
  }

  all(everything: Everything) {
    this.#everything = everything
    this.#chosen.clear()
    this.#settle(null)
  }

  /** Lets go of pictures that are no longer there. */
  drop(ids: ReadonlySet<string>) {
    const size = this.#chosen.size
    for (const id of ids) {
      this.#chosen.delete(id)
      this.#before.delete(id)
    }
    if (this.#chosen.size !== size) this.#tell()
  }

  clear() {
    if (this.isEmpty && this.from === null) return
    this.#everything = null
    this.#chosen.clear()
    this.#settle(null)
  }

  #settle(from: From | null) {
    this.from = from
    this.#before = new Map(this.#chosen)
    this.#tell()
  }

  #tell() {
    this.#version++
    for (const watch of this.#watchers) watch()
  }
}
