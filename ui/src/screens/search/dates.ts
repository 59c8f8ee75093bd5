/** Days of the calendar, as texts of UTC: `2026-11-26`. */
import { DAY_MS, dayOf } from '../../words/days'
import type { Range } from '../../words/queryEdits'

const two = (value: number) => String(value).padStart(2, '0')

export const timeOf = (day: string) => Date.parse(`${day}T00:00:00Z`)
export const moved = (day: string, days: number) => dayOf(timeOf(day) + days * DAY_MS)
/** Noon of a day, where no time zone makes another day of it. */
export const firstDay = (day: string) => `${day}T12:00:00`
export const daysBetween = (from: string, to: string) => Math.round((timeOf(to) - timeOf(from)) / DAY_MS) + 1

/** The first day of the month that lies some months from a day's. */
export function monthOf(day: string, months = 0): string {
  const [year = 0, month = 1] = day.split('-').map(Number)
  const all = year * 12 + month - 1 + months
  return `${String(Math.floor(all / 12)).padStart(4, '0')}-${two((all % 12) + 1)}-01`
}
export const lastOfMonth = (day: string) => moved(monthOf(day, 1), -1)

/** The same day some months away, or the last one of a month that is shorter. */
export function sameDay(day: string, months: number): string {
  const last = lastOfMonth(monthOf(day, months))
  const wanted = `${last.slice(0, 8)}${day.slice(8)}`
  return wanted > last ? last : wanted
}

/** The days of a month in weeks of seven that begin on Monday; null where other months stand. */
export function weeksOf(month: string): (string | null)[][] {
  const first = monthOf(month)
  const before = (new Date(timeOf(first)).getUTCDay() + 6) % 7
  const count = Number(lastOfMonth(first).slice(8))
  const cells = Array.from({ length: Math.ceil((before + count) / 7) * 7 }, (_, index) =>
    index < before || index >= before + count ? null : moved(first, index - before),
  )
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

/** What a date of the grammar spans, in days: `2024`, `2024-03`, `2024-03-05`. */
export function spanOf(value: string): { first: string; last: string } | null {
  const match = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(value)
  if (match === null) return null
  const [, year = '', month, day] = match
  if (day !== undefined) {
    const at = timeOf(value)
    return Number.isNaN(at) || dayOf(at) !== value ? null : { first: value, last: value }
  }
  if (month === undefined) return { first: `${year}-01-01`, last: `${year}-12-31` }
  if (Number(month) < 1 || Number(month) > 12) return null
  return { first: `${year}-${month}-01`, last: lastOfMonth(`${year}-${month}-01`) }
}

/** The days of a range of the grammar; an open end stays open. */
export function daysOf({ from, to }: Range): Range {
  return { from: spanOf(from)?.first ?? '', to: spanOf(to)?.last ?? '' }
}

/** Days in the shortest form that the grammar has: a whole month or year is one word. */
export function shortest({ from, to }: Range): Range {
  const [year, month] = [from.slice(0, 4), from.slice(0, 7)]
  if (from === `${year}-01-01` && to === `${year}-12-31`) return { from: year, to: year }
  if (from.endsWith('-01') && to === lastOfMonth(from)) return { from: month, to: month }
  return { from, to }
}

/** The months by their names, long and short, in a language and in English. */
function monthNames(language: string): Map<string, number> {
  const names = new Map<string, number>()
  for (const one of ['en', language])
    for (const month of ['long', 'short'] as const) {
      const form = new Intl.DateTimeFormat(one, { month, timeZone: 'UTC' })
      for (let index = 0; index < 12; index++)
        names.set(
          form
            .format(Date.UTC(2024, index, 15))
            .toLowerCase()
            .replace('.', ''),
          index + 1,
        )
    }
  return names
}

/**
 * What somebody typed as a date or a range: `2024`, `2024-03..2024-06`, `12 Oct - 9 Nov`, `last May`,
 * `yesterday`, `last 30 days`. Null if it is none. What has no year lies in the past, as near as can be.
 */
export function readDates(text: string, now: string, language = 'en'): Range | null {
  const plain = text.trim().toLowerCase().replace(/\s+/g, ' ')
  const one = readOne(plain, now, language)
  if (one !== null) return one
  const parts = plain.split(/\s*(?:\.\.|–|—| - | to )\s*/)
  if (parts.length !== 2) return null
  const [from, to] = parts.map((part) => (part === '' ? { from: '', to: '' } : readOne(part, now, language)))
  if (!from || !to) return null
  const range = { from: from.from, to: to.to }
  return range.from !== '' && range.to !== '' && range.from > range.to
    ? { from: to.from, to: from.to }
    : range
}

function readOne(text: string, now: string, language: string): Range | null {
  const span = spanOf(text)
  if (span !== null) return { from: span.first, to: span.last }
  if (text === 'today') return { from: now, to: now }
  if (text === 'yesterday') return { from: moved(now, -1), to: moved(now, -1) }
  const back = /^last (\d{1,4}) (day|week|month)s?$/.exec(text)
  if (back) {
    const count = Number(back[1])
    const from =
      back[2] === 'month' ? sameDay(now, -count) : moved(now, -count * (back[2] === 'week' ? 7 : 1) + 1)
    return { from, to: now }
  }
  const period = /^(this|last) (week|month|year)$/.exec(text)
  if (period) return whole(period[2] ?? '', period[1] === 'last' ? 1 : 0, now)
  const european = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(text)
  if (european) return dayIn(Number(european[3]), Number(european[2]), Number(european[1]))
  return named(text, now, monthNames(language))
}

function whole(unit: string, back: number, now: string): Range {
  if (unit === 'year') {
    const year = Number(now.slice(0, 4)) - back
    return { from: `${year}-01-01`, to: `${year}-12-31` }
  }
  if (unit === 'month') return { from: monthOf(now, -back), to: lastOfMonth(monthOf(now, -back)) }
  const monday = moved(now, -((new Date(timeOf(now)).getUTCDay() + 6) % 7) - 7 * back)
  return { from: monday, to: moved(monday, 6) }
}

/** `may`, `last may`, `may 2024`, `12 oct`, `oct 12, 2024`. */
function named(text: string, now: string, months: Map<string, number>): Range | null {
  const words = text
    .replace(/^last /, '')
    .replace(/[,.]/g, ' ')
    .split(' ')
    .filter(Boolean)
  const month = words.map((word) => months.get(word)).find((found) => found !== undefined)
  const numbers = words.filter((word) => /^\d{1,2}$|^\d{4}$/.test(word)).map(Number)
  if (month === undefined || numbers.length !== words.length - 1) return null
  const days = numbers.filter((number) => number <= 31)
  if (days.length > 1 || numbers.length - days.length > 1) return null
  const [day] = days
  const thisYear = Number(now.slice(0, 4))
  const told = numbers.find((number) => number > 31)
  if (day !== undefined) {
    const near = dayIn(told ?? thisYear, month, day)
    return near !== null && told === undefined && near.from > now ? dayIn(thisYear - 1, month, day) : near
  }
  const first = `${String(told ?? thisYear).padStart(4, '0')}-${two(month)}-01`
  const from = told === undefined && first > now ? monthOf(first, -12) : first
  return { from, to: lastOfMonth(from) }
}

function dayIn(year: number, month: number, day: number): Range | null {
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
  return spanOf(text) === null ? null : { from: text, to: text }
}
