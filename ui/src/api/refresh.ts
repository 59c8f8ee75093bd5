import { useCallback, useEffect, useRef } from 'react'
import { queries } from '../queries'

/** What is done at the latest `within` ms after it was first asked for, until it is stopped. */
export class Soon {
  #due: ReturnType<typeof setTimeout> | undefined

  ask(act: () => void, within: number) {
    this.#due ??= setTimeout(() => {
      this.#due = undefined
      act()
    }, within)
  }

  stop() {
    clearTimeout(this.#due)
    this.#due = undefined
  }
}

/**
 * Gives a function that has a query asked anew at the latest `within` ms after its first call: for what
 * changes with each of many events, and need not be exact in between. Queries nobody looks at are left.
 */
export function useRefresh(queryKey: readonly unknown[], within: number) {
  const soon = useRef(new Soon())
  const key = JSON.stringify(queryKey)
  useEffect(() => {
    const { current } = soon
    return () => current.stop()
  }, [key])
  return useCallback(() => {
    soon.current.ask(() => void queries.invalidateQueries({ queryKey: JSON.parse(key) as unknown[] }), within)
  }, [key, within])
}
