/** The months of a timeline, for the scrubber: where each begins, and how much it holds. */
import type { Timeline } from './timeline'

export interface Month {
  /** Months since the year 0. */
  month: number
  /** The first day of it that holds anything. */
  day: number
  /** 0 to 1: where it begins. */
  part: number
  /** 0 to 1: how much it holds, beside the fullest; the eye sees areas, so this is a root. */
  weight: number
  /** Whether it is the first of its year that is shown. */
  newYear: boolean
}

const DAY_MS = 86_400_000

export function monthOf(day: number): number {
  const date = new Date(day * DAY_MS)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

export function monthsOf(timeline: Timeline): Month[] {
  const months: (Month & { count: number })[] = []
  timeline.blocks.forEach(({ day, count }, at) => {
    if (count === 0) return
    const month = monthOf(day)
    let last = months.at(-1)
    if (last?.month !== month) {
      const newYear = last === undefined || Math.floor(last.month / 12) !== Math.floor(month / 12)
      last = { month, day, part: timeline.topOf(at) / timeline.height, weight: 0, newYear, count: 0 }
      months.push(last)
    }
    last.count += count
  })
  const most = Math.max(1, ...months.map(({ count }) => count))
  return months.map(({ count, ...month }) => ({ ...month, weight: Math.sqrt(count / most) }))
}

/** The month at a part of the timeline; of some that begin there the newest. */
export function monthAt(months: Month[], part: number): Month | undefined {
  const begins = months.findLast((month) => month.part <= part)?.part
  return months.find((month) => month.part === begins) ?? months[0]
}

/** Those that have room for their names, `room` apart (0 to 1); years come first. */
export function named(months: Month[], room: number): Set<Month> {
  const taken: Month[] = []
  for (const years of [true, false])
    for (const month of months)
      if (month.newYear === years && taken.every(({ part }) => Math.abs(part - month.part) >= room))
        taken.push(month)
  return new Set(taken)
}

/** Where a key leads: a month on or back, a year, or to an end. */
export function stepped(months: Month[], part: number, key: string): number | undefined {
  // Small months stand side by side: what begins at one height is one step.
  const parts = [...new Set(months.map((month) => month.part))]
  const here = parts.findLastIndex((each) => each <= part + 1e-9)
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 12, PageUp: -12 }[key]
  if (key === 'Home') return 0
  if (key === 'End') return 1
  if (step === undefined) return undefined
  return parts[Math.min(parts.length - 1, Math.max(0, here + step))]
}
