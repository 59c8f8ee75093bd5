/** Timings as the editor holds them, and how they go to the server. */
import type { Subscription } from '../../api/subscriptions'

export type { Subscription }
export type Mode = 'adaptive' | 'every' | 'cron'

/** All three ways are kept while one of them counts, so that looking at another one loses nothing. */
export interface Timing {
  mode: Mode
  /** An interval: `6h`, `1d12h`. */
  every: string
  cron: string
  zone: string
  /** Seconds that a check may come later; null: what suits the timing. */
  jitter: number | null
  shortest: string
  longest: string
}

export const UNITS = ['m', 'h', 'd', 'w'] as const
export type Unit = (typeof UNITS)[number]
const MINUTES: Record<Unit, number> = { m: 1, h: 60, d: 1440, w: 10_080 }
const SPAN = /^(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?$/
const CRON_JITTER = 120

export const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export const isCron = (timing: string) => timing.trim().split(/\s+/).length === 5

/** The minutes of an interval; null if it is none. */
export function minutesOf(span: string): number | null {
  const found = SPAN.exec(span.trim().toLowerCase())
  if (found === null || span.trim() === '') return null
  const [weeks = 0, days = 0, hours = 0, minutes = 0] = found.slice(1).map((part) => Number(part || 0))
  return weeks * MINUTES.w + days * MINUTES.d + hours * MINUTES.h + minutes
}

/** An interval as one number and one unit, the largest that gives a whole number. */
export function amountOf(span: string): { amount: number; unit: Unit } {
  const minutes = minutesOf(span) ?? 1440
  // A single week or day is said as such, 48 hours are two days.
  const unit = UNITS.findLast((one) => minutes % MINUTES[one] === 0 && minutes >= MINUTES[one]) ?? 'm'
  return { amount: minutes / MINUTES[unit], unit }
}

/** As `amountOf`, of what may still be typed: the text, whatever it is, and the unit behind it. */
export function typedOf(span: string): { text: string; unit: Unit } {
  if (minutesOf(span)) {
    const { amount, unit } = amountOf(span)
    return { text: String(amount), unit }
  }
  const unit = UNITS.find((one) => span.endsWith(one))
  return unit === undefined ? { text: span, unit: 'h' } : { text: span.slice(0, -1), unit }
}

/** Whether a text is a whole number from 1 to 9999. */
export const isAmount = (text: string) => /^\d{1,4}$/.test(text.trim()) && Number(text) >= 1

export function timingOf(one: Subscription): Timing {
  const cron = isCron(one.timing)
  const usual = cron ? CRON_JITTER : (minutesOf(one.timing) ?? 0) * 6
  return {
    mode: one.adaptive ? 'adaptive' : cron ? 'cron' : 'every',
    every: cron ? '6h' : one.timing,
    cron: cron ? one.timing : '0 8,20 * * *',
    zone: cron ? one.zone : here(),
    jitter: Math.abs(one.jitter_s - usual) < 1 ? null : one.jitter_s,
    shortest: one.adaptive?.shortest ?? '30m',
    longest: one.adaptive?.longest ?? '1w',
  }
}

export const USUAL = (suggested = '1d'): Timing => ({
  mode: 'every',
  every: suggested,
  cron: '0 8,20 * * *',
  zone: here(),
  jitter: null,
  shortest: '30m',
  longest: '1w',
})

export interface SentTiming {
  timing?: string
  zone?: string
  jitter_s?: number
  adaptive: { shortest: string; longest: string } | null
}

/** What is sent for a timing, whole. */
export function sentOf(timing: Timing): SentTiming {
  const { mode, every, cron, zone, jitter, shortest, longest } = timing
  if (mode === 'adaptive') return { adaptive: { shortest, longest } }
  return {
    timing: mode === 'cron' ? cron.trim().replace(/\s+/g, ' ') : every,
    ...(mode === 'cron' ? { zone } : {}),
    ...(jitter === null ? {} : { jitter_s: jitter }),
    adaptive: null,
  }
}

/** Whether two timings mean the same: what does not count at present may differ. */
export function isSameTiming(one: Timing, other: Timing): boolean {
  return JSON.stringify(sentOf(one)) === JSON.stringify(sentOf(other))
}

/** Seconds that a check may come later. */
export function jitterOf({ mode, every, jitter }: Timing): number {
  if (jitter !== null) return jitter
  return mode === 'cron' ? CRON_JITTER : (minutesOf(every) ?? 0) * 6
}

/** A cron expression that says: at these times, on these days of the week. */
export interface Times {
  /** `08:00`, in order; all have the same minute. */
  times: string[]
  /** 1 is Monday, 7 Sunday; all seven: every day. */
  days: number[]
}

export const WEEK = [1, 2, 3, 4, 5, 6, 7]
const NUMBER = /^\d{1,2}$/

/** The times and days of a cron expression; null where it says more than that. */
export function timesOf(cron: string): Times | null {
  const [minute = '', hours = '', day, month, weekdays = ''] = cron.trim().split(/\s+/)
  if (day !== '*' || month !== '*' || !NUMBER.test(minute) || Number(minute) > 59) return null
  const told = hours.split(',')
  if (!told.every((hour) => NUMBER.test(hour) && Number(hour) < 24)) return null
  const days = daysOf(weekdays)
  if (days === null) return null
  const two = (value: string) => value.padStart(2, '0')
  const sorted = [...new Set(told.map(Number))].sort((a, b) => a - b)
  return { times: sorted.map((hour) => `${two(String(hour))}:${two(minute)}`), days }
}

function daysOf(text: string): number[] | null {
  if (text === '*') return WEEK
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const range = /^([0-7])(?:-([0-7]))?$/.exec(part)
    if (range === null) return null
    const from = Number(range[1])
    const to = Number(range[2] ?? range[1])
    if (to < from) return null
    for (let day = from; day <= to; day++) found.add(day === 0 ? 7 : day)
  }
  return [...found].sort((a, b) => a - b)
}

/** The cron expression of times and days; the first time gives the minute. */
export function cronOf({ times, days }: Times): string {
  const minute = Number((times[0] ?? '08:00').slice(3))
  const hours = [...new Set(times.map((time) => Number(time.slice(0, 2))))].sort((a, b) => a - b)
  return `${minute} ${hours.join(',')} * * ${writtenDays(days)}`
}

/** A time as somebody types it: empty, while it is none. */
export interface TypedTime {
  id: number
  time: string
}

/** The rows after one was typed in. All have its minute, for a cron expression has but one. */
export function retimed(rows: readonly TypedTime[], id: number, time: string): TypedTime[] {
  return rows.map((row) => {
    if (row.id === id) return { id, time }
    return time === '' || row.time === '' ? row : { ...row, time: row.time.slice(0, 2) + time.slice(2) }
  })
}

/** The rows in the order of the day, without the empty ones and those that say the same. */
export function inOrder(rows: readonly TypedTime[]): TypedTime[] {
  const told = rows.filter(({ time }) => time !== '').sort((a, b) => a.time.localeCompare(b.time))
  return told.filter(({ time }, place) => time !== told[place - 1]?.time)
}

function writtenDays(days: number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b)
  if (sorted.length === 7 || sorted.length === 0) return '*'
  const [first = 1] = sorted
  const row = sorted.every((day, place) => day === first + place)
  if (row && sorted.length > 2) return `${first}-${sorted.at(-1) ?? first}`
  return sorted.join(',')
}

/** A week of hours, Monday first, as a clock in `zone` shows them. */
export interface Cell {
  day: number
  hour: number
}

export function cellOf(at: number, zone: string): Cell {
  const parts = clock(zone).formatToParts(at)
  const told = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return { day: DAYS.indexOf(told('weekday')), hour: Number(told('hour')) % 24 }
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const clocks = new Map<string, Intl.DateTimeFormat>()

function clock(zone: string): Intl.DateTimeFormat {
  let one = clocks.get(zone)
  if (one === undefined) {
    one = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      hour12: false,
    })
    clocks.set(zone, one)
  }
  return one
}
