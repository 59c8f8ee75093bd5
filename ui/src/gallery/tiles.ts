/** What is known of the pictures of one block, as columns: one array for each thing, all of one length. */
import type { Schemas } from '../api/client'

export type Columns = Omit<Schemas['Assets'], 'next'>

export interface Tiles extends Columns {
  /** Ratios as they are laid out: what is very long or very high is cut. */
  ratios: Float32Array
  /** How many of a post stand here side by side, at the first of them; 0 elsewhere. */
  stack: Uint16Array
}

/** What may become otherwise of a picture that stays where it is. */
export interface Change {
  favourite?: boolean
  revision?: string | null
  duration?: number | null
  size?: number | null
}

const NARROWEST = 0.4
const WIDEST = 3.2
export const DAY_S = 86_400

export const dayOf = (shownAt: number) => Math.floor(shownAt / DAY_S)

/** Takes the columns from one picture to before another. */
export function tilesOf(columns: Columns, from: number, to: number): Tiles {
  const cut = <T>(column: T[]) => column.slice(from, to)
  const post = cut(columns.post)
  return {
    id: cut(columns.id),
    shown_at: cut(columns.shown_at),
    ratio: cut(columns.ratio),
    kind: cut(columns.kind),
    favourite: cut(columns.favourite),
    thumbhash: cut(columns.thumbhash),
    duration: cut(columns.duration),
    revision: cut(columns.revision),
    size: cut(columns.size),
    author: cut(columns.author),
    caption: cut(columns.caption),
    post,
    ratios: Float32Array.from(cut(columns.ratio), (ratio) => Math.min(WIDEST, Math.max(NARROWEST, ratio))),
    stack: stacks(post),
  }
}

/** Joins pages of columns to one. */
export function joined(pages: Columns[]): Columns {
  const [first, ...rest] = pages
  if (first === undefined) throw new Error('no page')
  if (rest.length === 0) return first
  const names = Object.keys(first).filter((name) => name !== 'next') as (keyof Columns)[]
  const entries = names.map((name) => [name, pages.flatMap((page) => page[name] as unknown[])])
  return Object.fromEntries(entries) as Columns
}

/** The same tiles without some. */
export function without(tiles: Tiles, ids: ReadonlySet<string>): Tiles {
  const kept = tiles.id.map((_, at) => at).filter((at) => !ids.has(tiles.id[at] ?? ''))
  const columns = Object.fromEntries(
    Object.entries(tiles).map(([name, column]) => [
      name,
      kept.map((at) => (column as ArrayLike<unknown>)[at]),
    ]),
  ) as unknown as Columns
  return tilesOf(columns, 0, kept.length)
}

/** The same tiles with one that has changed. */
export function changed(tiles: Tiles, at: number, change: Change): Tiles {
  const now = { ...tiles }
  if (change.favourite !== undefined) now.favourite = tiles.favourite.with(at, change.favourite)
  if (change.revision !== undefined) now.revision = tiles.revision.with(at, change.revision)
  if (change.duration !== undefined) now.duration = tiles.duration.with(at, change.duration)
  if (change.size !== undefined) now.size = tiles.size.with(at, change.size)
  return now
}

function stacks(post: string[]): Uint16Array {
  const stack = new Uint16Array(post.length)
  let first = 0
  for (let at = 1; at <= post.length; at++) {
    if (at < post.length && post[at] === post[first]) continue
    if (at - first > 1) stack[first] = at - first
    first = at
  }
  return stack
}
