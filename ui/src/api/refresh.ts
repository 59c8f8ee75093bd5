import { useCallback, useEffect, useRef } from 'react'
import { queries } from '../queries'

/**
 * Gives a function that has a query asked anew at the latest `within` ms after its first call: for what
 * changes with each of many events, and need not be exact in between. Queries nobody looks at are left.
 */
export function useRefresh(queryKey: readonly unknown[], within: number) {
  const due = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const key = JSON.stringify(queryKey)
  useEffect(() => () => clearTimeout(due.current), [key])
  return useCallback(() => {
    due.current ??= setTimeout(() => {
      due.current = undefined
      void queries.invalidateQueries({ queryKey: JSON.parse(key) as unknown[] })
    }, within)
  }, [key, within])
}
