/** What somebody has changed of a subscription and not saved yet. It outlives the sheet, in this browser. */
import { isSameTiming, sentOf, timingOf, type SentTiming, type Subscription, type Timing } from './schedule'

export interface Draft {
  title: string
  timing: Timing
  filter: string
  /** As it is typed; empty: everything. */
  limit: string
  login: number | null
}

export type Part = 'title' | 'timing' | 'filter' | 'limit' | 'login'
export const PARTS: Part[] = ['timing', 'filter', 'limit', 'title', 'login']
export const MOST_POSTS = 1_000_000

export function draftOf(one: Subscription): Draft {
  return {
    title: one.title,
    timing: timingOf(one),
    filter: one.filter,
    limit: one.limit === null ? '' : String(one.limit),
    login: one.login,
  }
}

/** What is different; an order of conditions or a blank is no difference that counts. */
export function changesOf(draft: Draft, base: Draft): Part[] {
  return PARTS.filter((part) =>
    part === 'timing'
      ? !isSameTiming(draft.timing, base.timing)
      : typeof draft[part] === 'string'
        ? draft[part].trim() !== String(base[part]).trim()
        : draft[part] !== base[part],
  )
}

/** Whole numbers from 1 to a million; empty is everything. */
export const isLimit = (text: string) =>
  text.trim() === '' || (/^\d{1,7}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= MOST_POSTS)

export const limitOf = (text: string) => (text.trim() === '' ? null : Number(text))

export type SentChange = {
  title?: string
  filter?: string
  limit?: number | null
  login?: number | null
} & Partial<SentTiming>

export function changeOf(draft: Draft, parts: readonly Part[]): SentChange {
  return {
    ...(parts.includes('title') ? { title: draft.title.trim() } : {}),
    ...(parts.includes('filter') ? { filter: draft.filter.trim() } : {}),
    ...(parts.includes('limit') ? { limit: limitOf(draft.limit) } : {}),
    ...(parts.includes('login') ? { login: draft.login } : {}),
    ...(parts.includes('timing') ? sentOf(draft.timing) : {}),
  }
}

const nameOf = (key: string | number) => `draft-subscription-${key}`

/** Keeps what is changed and nothing else: the rest may be changed by others until it is looked at again. */
export function keepDraft(key: string | number, draft: Draft | null, parts: readonly Part[] = []) {
  if (draft === null || parts.length === 0) localStorage.removeItem(nameOf(key))
  else
    localStorage.setItem(
      nameOf(key),
      JSON.stringify(Object.fromEntries(parts.map((part) => [part, draft[part]]))),
    )
}

export function keptDraft(key: string | number, base: Draft): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(nameOf(key)) ?? 'null') as Partial<Draft> | null
    if (kept === null || typeof kept !== 'object') return null
    const whole = { ...base, ...kept, timing: { ...base.timing, ...kept.timing } }
    return [whole.filter, whole.title, whole.limit].every((text) => typeof text === 'string') ? whole : null
  } catch {
    return null
  }
}
