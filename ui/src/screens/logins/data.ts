/** Logins as the server tells them, and the words for how they stand. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { CalendarClock, CalendarX2, Check, LockKeyholeOpen, type LucideIcon } from 'lucide-react'
import { api, take, type Schemas } from '../../api/client'
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

/** Those that show next to nothing to people who are not signed in. */
export const NEEDED = ['instagram', 'x', 'linkedin'] as const

export const HEALTH: Record<
  Health,
  { family: string; icon: LucideIcon; label: MessageDescriptor; plain?: boolean }
> = {
  fine: { family: 'ok', icon: Check, label: msg`Fine`, plain: true },
  unknown: { family: 'ok', icon: Check, label: msg`Kept`, plain: true },
  ending: { family: 'waiting', icon: CalendarClock, label: msg`Ends soon` },
  ended: { family: 'you', icon: CalendarX2, label: msg`Ended` },
  unreadable: { family: 'you', icon: LockKeyholeOpen, label: msg`Cannot be opened` },
}

const version = (login: Login) => ({ 'if-match': `"${login.version}"` })

export async function add(platform: string, name: string, cookies: string) {
  return known(await take(api.POST('/api/v1/logins', { body: { platform, name, cookies } })))
}

export async function rename(login: Login, name: string) {
  return known(
    await take(
      api.PATCH('/api/v1/logins/{number}', {
        params: { path: { number: login.id }, header: version(login) },
        body: { name },
      }),
    ),
  )
}

export async function renew(login: Login, cookies: string) {
  return known(
    await take(
      api.PUT('/api/v1/logins/{number}/cookies', {
        params: { path: { number: login.id }, header: version(login) },
        body: { cookies },
      }),
    ),
  )
}

export async function remove(login: Login) {
  await api.DELETE('/api/v1/logins/{number}', {
    params: { path: { number: login.id }, header: version(login) },
  })
  await queries.invalidateQueries({ queryKey: loginsQuery.queryKey })
}

async function known(login: Login) {
  await queries.invalidateQueries({ queryKey: loginsQuery.queryKey })
  return login
}
