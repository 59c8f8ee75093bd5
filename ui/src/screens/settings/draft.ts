/** What was changed and is not saved yet: kept while the tab is open, whatever page one goes to. */
import { useSyncExternalStore } from 'react'
import type { Raw, Value } from './form'

/** `section.field` */
export type Key = `${string}.${string}`
export interface Change {
  raw: Raw
  /** The value that stood there when the change was begun. */
  base: Value
}
export type Draft = ReadonlyMap<Key, Change>

const PLACE = 'settings-draft'
let draft: Draft = kept()
let secrets: ReadonlySet<Key> = new Set()
const watchers = new Set<() => void>()

function kept(): Draft {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(PLACE) ?? '[]') as [Key, Change][])
  } catch {
    return new Map()
  }
}

function set(next: Draft) {
  draft = next
  const open = [...next].filter(([key]) => !secrets.has(key))
  if (open.length) sessionStorage.setItem(PLACE, JSON.stringify(open))
  else sessionStorage.removeItem(PLACE)
  for (const tell of watchers) tell()
}

/** Notes a change; a secret is kept in memory only. */
export function change(key: Key, raw: Raw, base: Value, secret = false) {
  if (secret) secrets = new Set([...secrets, key])
  set(new Map(draft).set(key, { raw, base: draft.get(key)?.base ?? base }))
}

/** Takes changes back. */
export function drop(...keys: Key[]) {
  set(new Map([...draft].filter(([key]) => !keys.includes(key))))
}

/** Lets a change stand on what is there now: somebody else has changed it meanwhile, and that was seen. */
export function rebase(key: Key, base: Value) {
  const one = draft.get(key)
  if (one) set(new Map(draft).set(key, { ...one, base }))
}

export function discard() {
  set(new Map())
}

function subscribe(tell: () => void) {
  watchers.add(tell)
  return () => void watchers.delete(tell)
}

export function useDraft(): Draft {
  return useSyncExternalStore(subscribe, () => draft)
}
