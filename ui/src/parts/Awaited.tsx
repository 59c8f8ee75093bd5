import { Trouble } from './Trouble'

/** What of a query counts while it has told nothing. */
export interface Asked {
  error: unknown
  refetch: () => unknown
}

/** Of several that are shown as one: why they are not there; asking again asks all that failed. */
export function failureOf(several: (Asked & { data: unknown })[]): Asked | null {
  const missing = several.filter(({ data, error }) => data === undefined && error !== null)
  const [first] = missing
  return first ? { error: first.error, refetch: () => missing.map((query) => query.refetch()) } : null
}

interface AwaitedProps {
  query: Asked
  /** How many lines will stand there. */
  lines?: number
}

/** Stands where something will be while it is not told: its room, or why it is not there. */
export function Awaited({ query: { error, refetch }, lines = 3 }: AwaitedProps) {
  if (error !== null) return <Trouble error={error} onRetry={() => void refetch()} />
  return (
    <div className="awaited" aria-busy>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skeleton" />
      ))}
    </div>
  )
}
