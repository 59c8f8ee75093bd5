/** Days and months as the gallery names them. Days are counted in UTC, as the server counts them. */
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'

const DAY_MS = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

function format(day: number, name: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${i18n.locale} ${name}`
  let made = formats.get(key)
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(i18n.locale, { timeZone: 'UTC', ...options })))
  return made.format(day * DAY_MS)
}

const today = () => Math.floor(Date.now() / DAY_MS)
const yearOf = (day: number) => new Date(day * DAY_MS).getUTCFullYear()

/** `Today`, `Monday 23 November`, `Saturday 9 March 2024`. */
export function dayTitle(day: number): string {
  const now = today()
  const thisYear = yearOf(day) === yearOf(now)
  const date = format(day, thisYear ? 'near' : 'far', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(thisYear ? {} : { year: 'numeric' }),
  })
  if (day === now) return i18n._(msg`Today`)
  if (day === now - 1) return i18n._(msg`Yesterday, ${date}`)
  return date
}

/** `Today`, `Mon 23 Nov`, `Sat 9 Mar 2024`: where days stand side by side. */
export function shortDay(day: number): string {
  const now = today()
  if (day === now) return i18n._(msg`Today`)
  if (day === now - 1) return i18n._(msg`Yesterday`)
  const thisYear = yearOf(day) === yearOf(now)
  return format(day, thisYear ? 'shortNear' : 'shortFar', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(thisYear ? {} : { year: 'numeric' }),
  })
}

/** `9 March 2024`, for the names of pictures. */
export const dateTitle = (day: number) => format(day, 'date', { dateStyle: 'long' })
/** `Mar 2024`. */
export const monthTitle = (day: number) => format(day, 'month', { month: 'short', year: 'numeric' })
/** `March 2024`. */
export const longMonth = (day: number) => format(day, 'longMonth', { month: 'long', year: 'numeric' })
/** `Mar`. */
export const shortMonth = (day: number) => format(day, 'shortMonth', { month: 'short' })
export const yearTitle = (day: number) => format(day, 'year', { year: 'numeric' })
