/** Cookies as they are pasted or dropped: looked at in the browser, to say what they are before they go. */
import type { Schemas } from '../../api/client'

export interface Seen {
  count: number
  /** The hosts that they count for, the shortest first. */
  sites: string[]
  /** When the last of them ends, in ms since 1970; null if none says. */
  ends: number | null
}

interface Exported {
  domain?: unknown
  expirationDate?: unknown
}

/** What a cookies.txt or a JSON export holds; null if it is neither. */
export function look(text: string): Seen | null {
  const found = /^\s*[[{]/.test(text) ? fromJson(text) : fromLines(text)
  if (found === null || found.length === 0) return null
  const sites = [...new Set(found.map(({ domain }) => domain.replace(/^\./, '').toLowerCase()))]
  const ends = found.map((cookie) => cookie.ends).filter((end) => end !== null)
  return {
    count: found.length,
    sites: sites.sort((one, other) => one.length - other.length || one.localeCompare(other)),
    ends: ends.length ? Math.max(...ends) : null,
  }
}

interface Cookie {
  domain: string
  ends: number | null
}

function fromLines(text: string): Cookie[] | null {
  const cookies: Cookie[] = []
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/^#HttpOnly_/, '')
    if (line.trim() === '' || line.startsWith('#')) continue
    const fields = line.split('\t')
    if (fields.length !== 7) return null
    const seconds = Number(fields[4])
    if (Number.isNaN(seconds)) return null
    cookies.push({ domain: fields[0] ?? '', ends: seconds > 0 ? seconds * 1000 : null })
  }
  return cookies
}

function fromJson(text: string): Cookie[] | null {
  try {
    const data: unknown = JSON.parse(text)
    const listed: unknown = Array.isArray(data) ? data : (data as { cookies?: unknown }).cookies
    if (!Array.isArray(listed)) return null
    return (listed as Exported[]).flatMap(({ domain, expirationDate }) =>
      typeof domain === 'string'
        ? [{ domain, ends: typeof expirationDate === 'number' ? expirationDate * 1000 : null }]
        : [],
    )
  } catch {
    return null
  }
}

const OWN_NAMES: Readonly<Record<string, string>> = {
  'x.com': 'x',
  'twitter.com': 'x',
  'youtu.be': 'youtube',
}

/** The platform that a site belongs to, as far as its name tells; '' where a login counts anywhere. */
export function platformOfSite(site: string, known: readonly string[]): string {
  const own = Object.keys(OWN_NAMES).find((name) => site === name || site.endsWith(`.${name}`))
  const name = own ? OWN_NAMES[own] : site.split('.').at(-2)
  return name !== undefined && known.includes(name) ? name : ''
}

/** As the server tells it, and that nobody knows when its session ends. */
export type Health = Schemas['LoginHealth'] | 'unknown'

type Standing = Pick<Schemas['LoginView'], 'health' | 'expires_at'> & {
  last_use: { reason: string | null } | null
}

/** How a login does: what the server knows of it, and how its last use ended. */
export function healthOf({ health, expires_at: ends, last_use: last }: Standing): Health {
  if (health !== 'ok' && health !== 'expiring') return health
  if (last?.reason === 'login_required' || last?.reason === 'challenge') return 'refused'
  return health === 'ok' && ends === null ? 'unknown' : health
}

export function isPast(ms: number, now = Date.now()): boolean {
  return ms < now
}
