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

/** What a change is of: as it stood when the work began, and the version of that. */
export interface Base {
  draft: Draft
  etag: string | null
}

const placeOf = (number: number) => `draft-subscription-${number}`

/** Keeps what is changed, and what it was changed from: by that a change by somebody else is seen as one. */
export function keepDraft(number: number, draft: Draft | null, base?: Base) {
  const parts = draft && base ? changesOf(draft, base.draft) : []
  if (draft === null || base === undefined || parts.length === 0) localStorage.removeItem(placeOf(number))
  else localStorage.setItem(placeOf(number), JSON.stringify({ base, parts: only(draft, parts) }))
}

const only = (draft: Draft, parts: readonly Part[]): Partial<Draft> =>
  Object.fromEntries(parts.map((part) => [part, draft[part]]))

export interface Begun {
  base: Base
  draft: Draft
  /** Somebody else has meanwhile changed the same: how it stands now. */
  theirs: Base | null
}

/**
 * The work as it goes on from how things stand now. What others have changed besides is taken over; where
 * they have changed the same, the base stays what it was, so that nothing of theirs is overwritten unseen.
 */
export function resume(kept: unknown, now: Base): Begun | null {
  if (!isKept(kept)) return null
  const { base, parts } = kept
  const mine = changesOf({ ...base.draft, ...parts }, base.draft)
  const others = changesOf(now.draft, base.draft)
  const both = mine.some((part) => others.includes(part))
  const stands = both ? base : now
  return {
    base: stands,
    draft: { ...stands.draft, ...only({ ...base.draft, ...parts }, mine) },
    theirs: both ? now : null,
  }
}

interface Kept {
  base: Base
  parts: Partial<Draft>
}

function isKept(kept: unknown): kept is Kept {
  const { base, parts } = (kept ?? {}) as { base?: Partial<Base>; parts?: Partial<Draft> }
  if (base?.draft?.timing === undefined || parts === undefined) return false
  const whole = { ...base.draft, ...parts }
  return [whole.filter, whole.title, whole.limit].every((text) => typeof text === 'string')
}

/** What was begun and not saved; else how it stands. */
export function begin(number: number, now: Base): Begun {
  return resume(read(placeOf(number)), now) ?? { base: now, draft: now.draft, theirs: null }
}

function read(place: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(place) ?? 'null')
  } catch {
    return null
  }
}

/** What somebody has said of a link to follow and not sent yet. */
export interface NewDraft {
  link: string
  title: string
  /** What suits the link, while nobody has chosen one. */
  timing: Timing | null
  filter: string
  limit: string
  login: number | null
}

export const NOTHING: NewDraft = { link: '', title: '', timing: null, filter: '', limit: '', login: null }

const NEW = 'draft-follow'
const NAMES = Object.keys(NOTHING) as (keyof NewDraft)[]

/** Whether anything but the link, which stands in the address, is said. */
export const isBegun = (draft: NewDraft) =>
  NAMES.some((name) => name !== 'link' && draft[name] !== NOTHING[name])

export function keepNew(draft: NewDraft) {
  if (isBegun(draft)) localStorage.setItem(NEW, JSON.stringify(draft))
  else localStorage.removeItem(NEW)
}

/** What was begun of this link, or of any where none is given; null where nothing was. */
export function keptNew(link: string): NewDraft | null {
  const kept = read(NEW) as NewDraft | null
  if (kept === null || typeof kept !== 'object' || Array.isArray(kept)) return null
  const whole = { ...NOTHING, ...kept }
  const sound = [whole.link, whole.title, whole.filter, whole.limit].every((one) => typeof one === 'string')
  return sound && (link === '' || link === whole.link.trim()) ? whole : null
}

/** The same change of many, as far as it is switched on. */
export interface ManyChange {
  timing: Timing | null
  filter: string | null
  limit: string | null
  /** null: none at all; undefined: it is not changed. */
  login: number | null | undefined
}

export const UNCHANGED: ManyChange = { timing: null, filter: null, limit: null, login: undefined }

export const isUnchanged = ({ timing, filter, limit, login }: ManyChange) =>
  timing === null && filter === null && limit === null && login === undefined

export interface ManyDraft {
  /** Those that it was chosen for. */
  ids: number[]
  change: ManyChange
}

const MANY = 'draft-many'

export function keepMany(draft: ManyDraft) {
  if (isUnchanged(draft.change)) localStorage.removeItem(MANY)
  else localStorage.setItem(MANY, JSON.stringify(draft))
}

/** The change of many that was begun and not made; null where none was. */
export function keptMany(): ManyDraft | null {
  const { ids, change } = (read(MANY) ?? {}) as Partial<ManyDraft>
  if (!Array.isArray(ids) || typeof change !== 'object') return null
  const whole = { ...UNCHANGED, ...change }
  const sound = [whole.filter, whole.limit].every((one) => one === null || typeof one === 'string')
  return sound && !isUnchanged(whole) ? { ids, change: whole } : null
}
