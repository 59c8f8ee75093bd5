/** The log as it is written: the latest lines, then each second what came since, while somebody looks. */
import { useEffect, useReducer } from 'react'
import { api, take, type Schemas } from '../../api/client'

export type Line = Schemas['LogLine']
export type Level = 'info' | 'warning' | 'error'
export interface Filters {
  level?: Level | undefined
  text?: string | undefined
  job?: string | undefined
  request?: string | undefined
  /** Also the lines of answered requests, most of which this page makes itself. */
  requests?: true | undefined
}

/** Without what is undefined: as it comes out of JSON. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }

export const MOST = 2000
const EVERY_MS = 1000

interface State {
  /** The filters that the lines were asked for with. */
  of: string
  lines: readonly Line[]
  next: string | null
  /** Some lines between two answers are gone. */
  missed: boolean
  error: unknown
}

type Step =
  | { kind: 'told'; of: string; tail: Schemas['LogTail']; first: boolean }
  | { kind: 'failed'; of: string; error: unknown }
  | { kind: 'again' }

const EMPTY: Omit<State, 'of'> = { lines: [], next: null, missed: false, error: null }

export function step(state: State, now: Step): State {
  if (now.kind === 'again') return { ...EMPTY, of: '' }
  if (now.kind === 'failed') return { ...(state.of === now.of ? state : EMPTY), of: now.of, error: now.error }
  const { tail, first } = now
  const before = state.of === now.of && !first ? state.lines : []
  return {
    of: now.of,
    lines: tail.items.length ? [...before, ...tail.items].slice(-MOST) : before,
    next: tail.next,
    missed: !first && (tail.missed || (state.of === now.of && state.missed)),
    error: null,
  }
}

/** What the server is asked for: it leaves lines out itself, so that an answer is full of what is shown. */
export function queryOf({ requests, ...filters }: Given<Filters>) {
  return { ...filters, requests: requests ?? filters.request !== undefined }
}

/** The lines that suit; `following` goes on asking while the page is in sight. */
export function useTail(filters: Filters, following: boolean) {
  const of = JSON.stringify(filters)
  const [state, dispatch] = useReducer(step, { ...EMPTY, of: '' })
  const cursor = state.of === of ? state.next : null
  const fresh = state.of === of
  useEffect(() => {
    if (fresh && !following) return
    const stop = new AbortController()
    const asked = queryOf(JSON.parse(of) as Given<Filters>)
    const ask = async () => {
      if (fresh && document.hidden) return
      try {
        const query = cursor === null ? { ...asked, limit: 500 } : { ...asked, after: cursor }
        const tail = await take(api.GET('/api/v1/logs', { params: { query }, signal: stop.signal }))
        dispatch({ kind: 'told', of, tail, first: cursor === null })
      } catch (error) {
        if (!stop.signal.aborted) dispatch({ kind: 'failed', of, error })
      }
    }
    const timer = fresh ? setInterval(() => void ask(), EVERY_MS) : setTimeout(() => void ask(), 0)
    return () => {
      stop.abort()
      clearInterval(timer)
    }
  }, [of, cursor, fresh, following])
  return {
    ...state,
    lines: fresh ? state.lines : [],
    loading: !fresh,
    again: () => dispatch({ kind: 'again' }),
  }
}

export interface Group {
  event: string
  lines: Line[]
}

/** Lines as the steps of one job: what happened many times in a row is one step. */
export function stepsOf(lines: readonly Line[]): Group[] {
  const steps: Group[] = []
  for (const line of lines) {
    const last = steps.at(-1)
    if (last?.event === 'stored' && line.event === 'stored') last.lines.push(line)
    else steps.push({ event: line.event, lines: [line] })
  }
  return steps
}

/** The sum of a field over lines. */
export function sumOf(lines: readonly Line[], field: string): number {
  return lines.reduce((sum, line) => sum + (Number(line.fields[field]) || 0), 0)
}
