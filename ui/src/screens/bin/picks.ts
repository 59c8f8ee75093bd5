import { useMemo, useState } from 'react'

/** What is selected in a list; with Shift everything from the last one to this. */
export function usePicks(ids: readonly string[]) {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [last, setLast] = useState<string | null>(null)
  return useMemo(() => {
    const here = ids.filter((id) => picked.has(id))
    return {
      count: here.length,
      all: here.length > 0 && here.length === ids.length,
      has: (id: string) => picked.has(id),
      clear: () => setPicked(new Set()),
      everything: () => setPicked(new Set(ids)),
      pick: (id: string, on: boolean, far: boolean) => {
        setPicked(withPick(picked, ids, { id, on, from: far ? last : null }))
        setLast(id)
      },
    }
  }, [ids, last, picked])
}

/** The selection after one row was ticked or unticked, or all rows from another one to it. */
export function withPick(
  picked: ReadonlySet<string>,
  ids: readonly string[],
  { id, on, from }: { id: string; on: boolean; from: string | null },
): ReadonlySet<string> {
  const next = new Set(picked)
  const [a, b] = [ids.indexOf(from ?? id), ids.indexOf(id)]
  const range = a < 0 ? [id] : ids.slice(Math.min(a, b), Math.max(a, b) + 1)
  for (const one of range) {
    if (on) next.add(one)
    else next.delete(one)
  }
  return next
}
