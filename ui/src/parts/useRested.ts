import { useEffect, useState } from 'react'

/** A value once it has rested: for what is asked of the server while somebody types. */
export function useRested<T>(value: T, ms = 300): T {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return rested
}
