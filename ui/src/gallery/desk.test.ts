import { i18n } from '@lingui/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Desk } from './desk'
import type { Fetch } from './loader'
import { DAY_S, type Columns } from './tiles'
import type { Anchor } from './timeline'

i18n.setMessagesCompiler((message) => [message])
i18n.loadAndActivate({ locale: 'en', messages: {} })

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null })
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => (queueMicrotask(draw), 1))
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
})

const DAY = 20_000

function columns(from: number, count: number): Columns {
  const fill = <T>(value: (at: number) => T) => Array.from({ length: count }, (_, at) => value(from + at))
  return {
    id: fill((at) => `${at}`),
    shown_at: fill((at) => (DAY + 1) * DAY_S - 1 - at),
    ratio: fill(() => 1.5),
    kind: fill(() => 'image'),
    favourite: fill(() => false),
    thumbhash: fill(() => null),
    duration: fill(() => null),
    revision: fill(() => 'r'),
    post: fill((at) => `${at}`),
    size: fill(() => 1),
    author: fill(() => ''),
    caption: fill(() => ''),
  }
}

/** A day of so many pictures; the first ones are loaded and drawn. */
function deskWith(count: number, fetch: Fetch = () => Promise.reject(new Error('offline'))): Desk {
  const desk = new Desk({ day: [DAY], count: [count], width: [count * 1.5] }, fetch, undefined)
  desk.timeline.reshape({ width: 1200, target: 160, gap: 4, columns: 0 }, 800)
  const [first] = desk.timeline.blocks
  if (first) desk.timeline.put([first], columns(0, first.count))
  desk.controller.refresh()
  return desk
}

const spot = (desk: Desk, number: number) => desk.timeline.spot(number) ?? expect.unreachable()

test('a range that is too long is refused in words, and what was selected stays so', async () => {
  const desk = deskWith(50_000)
  desk.toggle(spot(desk, 3))

  const refused = desk.stretch(spot(desk, 49_000))

  await expect(refused).rejects.toThrow('At most 20,000 can be selected at once.')
  expect(desk.selection.ids).toEqual(['3'])
  await expect(desk.toggleDay(DAY)).rejects.toThrow('At most 20,000')
  expect(desk.selection.ids).toEqual(['3'])
})

test('a range whose pictures cannot be looked up is not half selected', async () => {
  const desk = deskWith(5000)
  desk.toggle(spot(desk, 3))
  await desk.stretch(spot(desk, 5))

  await expect(desk.stretch(spot(desk, 2000))).rejects.toThrow('offline')

  expect(desk.selection.ids).toEqual(['3', '4', '5'])
})

test('a range reaches over what was not loaded', async () => {
  const desk = deskWith(1300, ({ skip, limit }) =>
    Promise.resolve({ ...columns(skip, Math.min(limit, 1300 - skip)), next: null }),
  )
  desk.toggle(spot(desk, 3))

  await desk.stretch(spot(desk, 1250))

  expect(desk.selection.size).toBe(1248)
})

test('what others take away moves the cursor, and the focus stays where it is', () => {
  const desk = deskWith(40)
  desk.focus(spot(desk, 3), { wanted: false })

  desk.remove(new Set(['3']))

  expect([desk.focused, desk.wantsFocus]).toEqual(['4', false])
})

test('after one has taken a picture away oneself, the next one has the focus', () => {
  const desk = deskWith(40)
  desk.focus(spot(desk, 3), { wanted: false })

  desk.remove(new Set(['3', '4']), { follow: true })

  expect([desk.focused, desk.wantsFocus]).toEqual(['5', true])
})

test('nobody is led back to a picture that was taken away far off', async () => {
  const desk = deskWith(800)
  desk.focus(spot(desk, 3), { wanted: false })
  desk.controller.jump(10_000)
  await Promise.resolve()

  desk.remove(new Set(['3']), { follow: true })

  expect([desk.wantsFocus, desk.timeline.layoutTop > 5000]).toEqual([false, true])
})

test('the arrows go on from a picture that is seen, not from one far off', async () => {
  const desk = deskWith(800)
  desk.focus(spot(desk, 3), { wanted: false })
  expect(desk.isWalking).toBe(true)

  desk.controller.jump(10_000)
  await Promise.resolve()

  expect(desk.isWalking).toBe(false)
})

describe('what is loaded late', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Answers after a while with what was there when it was asked. */
  const late =
    (answer: () => Columns): Fetch =>
    ({ skip, limit }) => {
      const now = answer()
      const cut = Object.entries(now).map(([name, column]) => [name, column.slice(skip, skip + limit)])
      const page = { ...(Object.fromEntries(cut) as unknown as Columns), next: null }
      return new Promise((answered) => setTimeout(() => answered(page), 800))
    }

  test('is told as the place that is seen in the end', async () => {
    const desk = deskWith(
      1300,
      late(() => columns(0, 1300)),
    )
    const told: (Anchor | undefined)[] = []
    desk.follow((place) => told.push(place))

    desk.controller.jump(desk.timeline.topOf(1) + 1000)
    await vi.runAllTimersAsync()

    const { timeline } = desk
    expect(told.map((place) => place?.index)).toEqual([-1, timeline.anchorAt(timeline.layoutTop).index])
  })

  test('is loaded once more where something was told of it meanwhile', async () => {
    const all = columns(0, 40)
    const desk = deskWith(
      40,
      late(() => all),
    )
    desk.controller.touch()
    all.revision = all.revision.with(3, 's')

    desk.controller.patch('3', DAY, { revision: 's' })
    await vi.runAllTimersAsync()

    expect(desk.timeline.blocks[0]?.tiles?.revision[3]).toBe('s')
  })
})

describe('what is changed here', () => {
  const some = new Set(['3'])
  const liked = (desk: Desk) => desk.controller.favourites(some).get('3')
  const tell = (desk: Desk, favourite: boolean) => desk.controller.patch('3', DAY, { favourite })

  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('holds against news of what was before', () => {
    const desk = deskWith(40)
    desk.controller.favour(some, true).made()
    const second = desk.controller.favour(some, false)

    tell(desk, true)
    expect(liked(desk)).toBe(false)
    second.made()
    tell(desk, false)
    vi.runAllTimers()

    expect(liked(desk)).toBe(false)
  })

  test('holds against what was asked for before', async () => {
    const desk = deskWith(1300, ({ skip, limit }) => {
      const answer = { ...columns(skip, Math.min(limit, 1300 - skip)), next: null }
      return new Promise((answered) => setTimeout(() => answered(answer), 50))
    })
    desk.controller.touch()
    desk.controller.favour(some, true)

    await vi.runAllTimersAsync()

    expect(desk.timeline.blocks[0]?.stale).toBe(false)
    expect(liked(desk)).toBe(true)
  })

  test('gives way to what others have changed meanwhile', () => {
    const desk = deskWith(40)
    const hold = desk.controller.favour(some, true)

    tell(desk, false)
    hold.made()
    expect(liked(desk)).toBe(true)
    vi.runAllTimers()

    expect(liked(desk)).toBe(false)
  })

  test('is put back where it was refused, unless it was changed again', () => {
    const desk = deskWith(40)
    const refused = desk.controller.favour(some, true)
    refused.failed()
    expect(liked(desk)).toBe(false)

    const first = desk.controller.favour(some, true)
    desk.controller.favour(some, false)
    desk.controller.favour(some, true)
    first.failed()
    tell(desk, false)

    expect(liked(desk)).toBe(true)
  })

  test('counts no longer once it was taken back', () => {
    const desk = deskWith(40)
    const hold = desk.controller.favour(some, true)
    hold.made()

    hold.over()
    tell(desk, false)

    expect(liked(desk)).toBe(false)
  })
})
