/** A place in the timeline as the address tells it: `2024-03-09`, or `2024-03-09.120` within the day. */
import { PART, type Anchor } from './timeline'

const DAY_MS = 86_400_000

/** How far the top of the page was below the top of its row, for who comes back in this session. */
const offsets = new Map<string, number>()
const MOST = 200

export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

export function dayOfDate(date: string): number {
  return Math.floor(Date.parse(date) / DAY_MS)
}

export function writePlace({ day, part, index, down }: Anchor): string {
  const number = part * PART + Math.max(0, index)
  const place = number > 0 ? `${dateOf(day)}.${number}` : dateOf(day)
  if (offsets.size >= MOST) offsets.clear()
  offsets.set(place, down)
  return place
}

/** What a place means; `undefined` if it means nothing. */
export function readPlace(place: string): Anchor | undefined {
  const [, date, number = '0'] = /^(\d{4}-\d\d-\d\d)(?:\.(\d{1,8}))?$/.exec(place) ?? []
  if (date === undefined || Number.isNaN(Date.parse(date))) return undefined
  const at = Number(number)
  return {
    day: dayOfDate(date),
    part: Math.floor(at / PART),
    id: undefined,
    index: at % PART,
    down: offsets.get(place) ?? 0,
  }
}

/** The tile of a picture, where it is drawn. */
export function tileOf(id: string) {
  return document.querySelector<HTMLElement>(`.gallery-box .tile[data-id="${id}"]`)
}

let lastSeen: { id: string; day: number } | undefined

/** Remembers which picture was last looked at: the gallery gives it the focus when one comes back. */
export function see(id: string, day: number) {
  lastSeen = { id, day }
}

/** The picture that was last looked at, once. */
export function seen() {
  const last = lastSeen
  lastSeen = undefined
  return last
}
