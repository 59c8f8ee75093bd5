/** Numbers, sizes and times as people read them, in the language of the page. */
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { DAY_MS } from './days'

/** A formatter for each language, made when it is first needed: to make one costs more than to use it. */
function perLanguage<T>(make: (language: string) => T): () => T {
  const made = new Map<string, T>()
  return () => {
    const language = i18n.locale
    let one = made.get(language)
    if (one === undefined) made.set(language, (one = make(language)))
    return one
  }
}

const whole = perLanguage((language) => new Intl.NumberFormat(language))
const short = perLanguage((language) => new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }))
const percent = perLanguage((language) => new Intl.NumberFormat(language, { style: 'percent' }))
const time = perLanguage((language) => new Intl.DateTimeFormat(language, { timeStyle: 'short' }))
const day = perLanguage((language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }))
const dayTime = perLanguage(
  (language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }),
)
const nearDay = perLanguage(
  (language) => new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' }),
)
const utcDay = perLanguage(
  (language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }),
)
const relative = perLanguage((language) => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }))
const units = perLanguage((language) => {
  const unit = (name: string) =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, maximumSignificantDigits: 3 })
  return ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'].map(unit)
})

export const formatNumber = (value: number) => whole().format(value)
export const formatShort = (value: number) => short().format(value)
/** `part` is from 0 to 1. */
export const formatPercent = (part: number) => percent().format(part)

/** Bytes in the unit that suits, by thousands as disks are sold: `1.24 GB`. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3))
  return units()[step]?.format(bytes / 1000 ** step) ?? ''
}

export function formatSpeed(bytesPerSecond: number): string {
  const amount = formatBytes(bytesPerSecond)
  return i18n._(msg`${amount}/s`)
}

/** Seconds as a player shows them: `0:07`, `1:02:33`. */
export function formatDuration(seconds: number): string {
  const all = Math.round(seconds)
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** Today: the time. Else the day. For what stands in lists. */
export function formatMoment(moment: string, now = Date.now()): string {
  const at = new Date(moment)
  return isSameDay(at, now) ? time().format(at) : day().format(at)
}

/** Today: the time. Else the day as well, with its year where that is another. */
export function formatWhen(moment: string, now = Date.now()): string {
  const at = new Date(moment)
  if (isSameDay(at, now)) return time().format(at)
  if (at.getFullYear() !== new Date(now).getFullYear()) return dayTime().format(at)
  const [date, hour] = [nearDay().format(at), time().format(at)]
  return i18n._(msg`${date}, ${hour}`)
}

/** As `formatWhen`, for the end of a sentence: `at 09:00`, `27 Nov, 09:00`. */
export function formatAt(moment: string, now = Date.now()): string {
  const when = formatWhen(moment, now)
  return isSameDay(new Date(moment), now) ? i18n._(msg`at ${when}`) : when
}

function isSameDay(at: Date, now: number) {
  return at.toDateString() === new Date(now).toDateString()
}

/** A day of the server's counting, which is UTC's, by its number since 1970. */
export const formatUtcDay = (number: number) => utcDay().format(number * DAY_MS)

export const formatTime = (moment: string) => time().format(new Date(moment))
export const formatDay = (moment: string) => day().format(new Date(moment))
export const formatDayTime = (moment: string) => dayTime().format(new Date(moment))

/** How far a moment is from now: `in 6 min`, `3 days ago`. Use it where it is near, else an absolute one. */
export function formatFromNow(moment: string, now = Date.now()): string {
  const away = new Date(moment).getTime() - now
  const size = Math.abs(away)
  if (size < 45_000) return away > 0 ? i18n._(msg`in a moment`) : i18n._(msg`just now`)
  if (size < 3_600_000) return relative().format(Math.round(away / 60_000), 'minute')
  if (size < DAY_MS) return relative().format(Math.round(away / 3_600_000), 'hour')
  if (size < 60 * DAY_MS) return relative().format(Math.round(away / DAY_MS), 'day')
  return relative().format(Math.round(away / (30 * DAY_MS)), 'month')
}

/** As `formatFromNow`, for what has been: never in the future, though the server's clock may be ahead of ours. */
export const formatAgo = (moment: string, now = Date.now()) =>
  formatFromNow(moment, Math.max(now, Date.parse(moment)))
