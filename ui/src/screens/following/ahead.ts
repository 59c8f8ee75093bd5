/** What is shown ahead of the server's answer, and how it is taken away again if the answer is no. */
import type { Subscription } from './schedule'

export type Change = (one: Subscription) => Subscription | null

export interface Ahead {
  all: Subscription[]
  /** The list as it is by then, without what was shown ahead; what came in meanwhile stays. */
  back: (now: Subscription[]) => Subscription[]
}

/** Changes some of a list; those of which `change` makes null leave it. */
export function ahead(all: readonly Subscription[], ids: readonly number[], change: Change): Ahead {
  const before = new Map(all.filter((one) => ids.includes(one.id)).map((one) => [one.id, one]))
  const after = new Map([...before].map(([id, one]) => [id, change(one)]))
  const back = (now: Subscription[]) => {
    const there = new Set(now.map((one) => one.id))
    const left = [...before.values()].filter((one) => after.get(one.id) === null && !there.has(one.id))
    const stayed = now.map((one) => (after.get(one.id) === one ? (before.get(one.id) ?? one) : one))
    return left.length === 0 ? stayed : [...stayed, ...left].sort((a, b) => b.id - a.id)
  }
  return { all: all.flatMap((one) => (before.has(one.id) ? (after.get(one.id) ?? []) : [one])), back }
}
