/** What is selected in a list: by a press, and by Shift from the last press to this one. */
import { useCallback, useMemo, useRef, useState } from 'react'

export interface Selection {
  ids: ReadonlySet<number>
  has: (id: number) => boolean
  /** With `range`, all from the last one that was touched to this one. */
  toggle: (id: number, range: boolean) => void
  all: (on: boolean) => void
  clear: () => void
}

export function useSelection(shown: readonly number[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set())
  const last = useRef<number | null>(null)
  const toggle = useCallback(
    (id: number, range: boolean) => {
      const from = last.current === null ? -1 : shown.indexOf(last.current)
      const to = shown.indexOf(id)
      last.current = id
      setIds((now) => {
        const next = new Set(now)
        const on = !now.has(id)
        const reached = range && from >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [id]
        for (const one of reached)
          if (on || range) next.add(one)
          else next.delete(one)
        return next
      })
    },
    [shown],
  )
  return useMemo(() => {
    const there = new Set(shown)
    const visible = new Set([...ids].filter((id) => there.has(id)))
    return {
      ids: visible,
      has: (id) => visible.has(id),
      toggle,
      all: (on) => setIds(on ? new Set(shown) : new Set()),
      clear: () => setIds(new Set()),
    }
  }, [ids, shown, toggle])
}
