/** Logins as the server tells them, and the words for how they stand. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  CalendarClock,
  CalendarX2,
  Check,
  Hourglass,
  LockKeyholeOpen,
  ShieldAlert,
  UserRoundCheck,
  type LucideIcon,
} from 'lucide-react'
import { api, take, takeVersioned, type Schemas } from '../../api/client'
import { loginsQuery } from '../../api/logins'
import { queries } from '../../queries'
import type { Health } from './cookies'

export type Login = Schemas['LoginView']

/** Platforms that logins are kept for; a login of another site is one for any. */
export const PLATFORMS = [
  'instagram',
  'x',
  'tiktok',
  'youtube',
  'reddit',
  'snapchat',
  'pinterest',
  'linkedin',
  'mastodon',
  'bluesky',
  'xenforo',
] as const

/** Forum softwares whose log-in is known: a name and a password make a login of theirs. */
export const FORUMS: readonly string[] = [
  'xenforo',
  'phpbb',
  'smf',
  'mybb',
  'invision',
  'vbulletin',
  'vbulletin5',
  'discourse',
  'nodebb',
]

/** Those that show next to nothing to people who are not signed in. */
export const NEEDED = ['instagram', 'x', 'linkedin'] as const

export const HEALTH: Record<
  Health,
  { family: string; icon: LucideIcon; label: MessageDescriptor; plain?: boolean }
> = {
  ok: { family: 'ok', icon: Check, label: msg`Fine`, plain: true },
  unknown: { family: 'ok', icon: Check, label: msg`Kept`, plain: true },
  expiring: { family: 'waiting', icon: CalendarClock, label: msg`Ends soon` },
  limited: { family: 'waiting', icon: Hourglass, label: msg`Rests` },
  checkpoint: { family: 'you', icon: UserRoundCheck, label: msg`Wants to see you` },
  ended: { family: 'you', icon: CalendarX2, label: msg`Ended` },
  refused: { family: 'you', icon: ShieldAlert, label: msg`Refused` },
  unreadable: { family: 'you', icon: LockKeyholeOpen, label: msg`Cannot be opened` },
}

export const etagOf = (login: Login) => `"${login.version}"`

const at = (number: number, etag: string | null) => ({
  path: { number },
  ...(etag === null ? {} : { header: { 'if-match': etag } }),
})

/** Whether a login has its name and its cookies as they were, and nobody uses it. */
export function isAs(before: Login, now: Login) {
  const told = ({ name, expires_at: ends, sites }: Login) => JSON.stringify([name, ends, sites])
  return told(before) === told(now) && now.used_by.length === 0
}

export function lookAt(number: number) {
  return takeVersioned(api.GET('/api/v1/logins/{number}', { params: { path: { number } } }))
}

/** Keeps cookies under a name; they are taken for those of this browser, and go out under its name. */
export async function add(platform: string, name: string, cookies: string) {
  const body = { platform, name, cookies, user_agent: navigator.userAgent }
  return known(await take(api.POST('/api/v1/logins', { body })))
}

export type ForumKey = Schemas['ForumKey']

/** Signs in to a forum, and keeps the cookies that it sets. */
export async function signIn(body: ForumKey, signal: AbortSignal) {
  return known(await take(api.POST('/api/v1/logins/sign-in', { body, signal })))
}

export async function rename(number: number, name: string, etag: string | null) {
  return known(await take(api.PATCH('/api/v1/logins/{number}', { params: at(number, etag), body: { name } })))
}

export async function renew(number: number, cookies: string, etag: string | null) {
  const body = { cookies, user_agent: navigator.userAgent }
  return known(await take(api.PUT('/api/v1/logins/{number}/cookies', { params: at(number, etag), body })))
}

/** Has a login used again that was parked. */
export async function resume(number: number) {
  const params = { path: { number } }
  return known(await take(api.POST('/api/v1/logins/{number}/resume', { params })))
}

export async function remove(number: number, etag: string | null) {
  await api.DELETE('/api/v1/logins/{number}', { params: at(number, etag) })
  await queries.invalidateQueries({ queryKey: loginsQuery.queryKey })
}

/** What a login shows of a link; of none: of one that it is used for. */
export function test(number: number, url: string | null, signal: AbortSignal) {
  return take(
    api.POST('/api/v1/logins/{number}/test', { params: { path: { number } }, body: { url }, signal }),
  )
}

async function known(login: Login) {
  await queries.invalidateQueries({ queryKey: loginsQuery.queryKey })
  return login
}
