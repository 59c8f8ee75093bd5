/** The stream of events: one connection for the whole page, resumed by the browser after a break. */
import { useEffect, useSyncExternalStore } from 'react'
import { addressOf, onDatabaseAway, type Schemas } from './client'

export interface Gone {
  id: number | string
  gone: true
}

export interface Things {
  job: Schemas['JobItem']
  media: Schemas['MediaItem']
  subscription: Schemas['SubscriptionView']
  setting: { id: string }
  lane: { id: string; lane: string; platform: string; paused: boolean }
  alarm: { id: string; since: string; message: string }
  decision: Schemas['Decision']
}
export type Kind = keyof Things
type Handler<K extends Kind> = (thing: Things[K] | Gone) => void

export type Line = 'connecting' | 'open' | 'broken'
export interface Connection {
  line: Line
  /** When the stream was last known to be whole, in ms since 1970. */
  seenAt: number
  /** The server cannot reach its database: what is shown may be old, and nothing can be changed. */
  away: boolean
}

/** How soon a stream is asked for again while the database is away. */
const AWAY_MS = 1000
const KINDS: Kind[] = ['job', 'media', 'subscription', 'setting', 'lane', 'alarm', 'decision']

class Live {
  #source: EventSource | undefined
  #handlers = new Map<Kind, Set<(thing: never) => void>>()
  #resets = new Set<() => void>()
  #watchers = new Set<() => void>()
  #connection: Connection = { line: 'connecting', seenAt: Date.now(), away: false }
  #retry: ReturnType<typeof setTimeout> | undefined
  #breaks = 0
  #position: string | undefined

  /** Says from where on changes count: a position that was told before anything else was loaded. */
  begin(position: string) {
    this.#position ??= position
  }

  open() {
    if (this.#source) return
    const since = this.#position === undefined ? '' : `?since=${this.#position}`
    const source = new EventSource(addressOf(`/api/v1/events${since}`))
    this.#source = source
    source.addEventListener('hello', () => {
      this.#breaks = 0
      this.#tell('open')
      this.#setAway(false)
    })
    source.addEventListener('database', (event: MessageEvent<string>) => {
      this.#setAway((JSON.parse(event.data) as { away: boolean }).away)
    })
    source.addEventListener('reset', (event: MessageEvent<string>) => {
      this.#position = event.lastEventId
      for (const reset of this.#resets) reset()
    })
    source.addEventListener('error', () => {
      this.#tell('broken')
      if (source.readyState === EventSource.CLOSED) this.#again()
    })
    for (const kind of KINDS)
      source.addEventListener(kind, (event: MessageEvent<string>) => {
        this.#position = event.lastEventId
        const thing = JSON.parse(event.data) as never
        for (const handler of this.#handlers.get(kind) ?? []) handler(thing)
      })
  }

  close() {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = undefined
  }

  /** Calls back with each thing of a kind as it stands after a change; gives what ends that. */
  on<K extends Kind>(kind: K, handler: Handler<K>) {
    const handlers = this.#handlers.get(kind) ?? new Set()
    this.#handlers.set(kind, handlers.add(handler))
    return () => void handlers.delete(handler)
  }

  /** Calls back when events may have been missed: what is shown is to be loaded anew. */
  onReset(handler: () => void) {
    this.#resets.add(handler)
    return () => void this.#resets.delete(handler)
  }

  /** Says that a request was refused because the database is away. A stream that is whole knows better. */
  lose() {
    if (this.#connection.line !== 'open') this.#setAway(true)
  }

  watch = (tell: () => void) => {
    this.#watchers.add(tell)
    return () => void this.#watchers.delete(tell)
  }
  connection = () => this.#connection

  /** The browser gave up, as it does after an answer that is no stream: we go on trying. */
  #again() {
    this.close()
    this.#breaks += 1
    const pause = this.#connection.away ? AWAY_MS : Math.min(30_000, 1000 * 2 ** this.#breaks)
    this.#retry = setTimeout(() => this.open(), pause)
  }

  #tell(line: Line) {
    if (line === this.#connection.line) return
    this.#connection = {
      ...this.#connection,
      line,
      seenAt:
        this.#connection.line === 'connecting' && line === 'broken' ? this.#connection.seenAt : Date.now(),
    }
    for (const tell of this.#watchers) tell()
  }

  /** What could not be loaded while the database was away is loaded when it is back. */
  #setAway(away: boolean) {
    if (away === this.#connection.away) return
    this.#connection = { ...this.#connection, away }
    for (const tell of this.#watchers) tell()
    if (!away) for (const reset of this.#resets) reset()
  }
}

export const live = new Live()
onDatabaseAway(() => live.lose())

/** Calls `handler` for each change of a kind while the component stands. `handler` may be new each time. */
export function useLive<K extends Kind>(kind: K, handler: Handler<K>) {
  useEffect(() => live.on(kind, handler), [kind, handler])
}

export function useConnection() {
  return useSyncExternalStore(live.watch, live.connection)
}
