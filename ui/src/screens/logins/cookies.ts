/** Cookies as they are pasted or dropped: looked at in the browser, to say what they are before they go. */

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

export type Health = 'unreadable' | 'refused' | 'ended' | 'ending' | 'fine' | 'unknown'

const SOON_MS = 7 * 86_400_000

interface Standing {
  readable: boolean
  expires_at: string | null
  last_use: { reason: string | null } | null
}

/** How a login stands: whether it can be opened, when its session ends, and how its last use ended. */
export function healthOf({ readable, expires_at: ends, last_use: last }: Standing, now = Date.now()): Health {
  if (!readable) return 'unreadable'
  const left = ends === null ? null : new Date(ends).getTime() - now
  if (left !== null && left <= 0) return 'ended'
  if (last?.reason === 'login_required' || last?.reason === 'challenge') return 'refused'
  if (left === null) return 'unknown'
  return left < SOON_MS ? 'ending' : 'fine'
}

export function isPast(ms: number, now = Date.now()): boolean {
  return ms < now
}
