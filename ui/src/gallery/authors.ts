/** Whose pictures a day holds: who has the most of them comes first. */
import type { Tiles } from './tiles'

const counted = new WeakMap<Pick<Tiles, 'author'>, ReadonlyMap<string, number>>()

/** Names of who posted the pictures of some blocks, by how many there are of each. */
export function authorsOf(blocks: readonly Pick<Tiles, 'author'>[]): string[] {
  const all = new Map<string, number>()
  for (const block of blocks)
    for (const [name, count] of countIn(block)) all.set(name, (all.get(name) ?? 0) + count)
  return [...all].toSorted((a, b) => b[1] - a[1]).map(([name]) => name)
}

/** Counted once: the header of a day is drawn at each step. */
function countIn(block: Pick<Tiles, 'author'>): ReadonlyMap<string, number> {
  const known = counted.get(block)
  if (known !== undefined) return known
  const found = new Map<string, number>()
  for (const name of block.author) if (name !== '') found.set(name, (found.get(name) ?? 0) + 1)
  counted.set(block, found)
  return found
}
