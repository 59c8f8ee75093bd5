import { describe, expect, test, vi } from 'vitest'
import { Loader, type Ask, type Page } from './loader'
import type { Block } from './timeline'

const block = (day: number, count = 300): Block => ({
  ...{ day, part: 0, count, ratio: count, continued: false, height: 0, left: 0, span: 0 },
  ...{ tiles: undefined, layout: undefined, stale: false, used: 0 },
})
const EMPTY: Page = {
  ...{ id: [], post: [], shown_at: [], kind: [], ratio: [], duration: [], favourite: [], thumbhash: [] },
  ...{ revision: [], stack: [], size: [], author: [], caption: [], next: null },
}

function opened() {
  const asked: { ask: Ask; signal: AbortSignal; answer: (page: Page) => void }[] = []
  const took = vi.fn()
  const failed = vi.fn()
  const loader = new Loader(
    (ask, _, signal) => new Promise((answer) => asked.push({ ask, signal, answer })),
    () => 0,
    took,
    failed,
  )
  return { asked, took, failed, loader }
}

describe('what is wanted', () => {
  test('is asked for once, whatever else comes beside it', () => {
    const { asked, loader } = opened()
    const days = [9, 8, 7, 6].map((day) => block(day))

    loader.want(days.slice(0, 2))
    loader.want(days.slice(0, 3))
    loader.want(days)

    expect(asked.map(({ ask }) => [ask.newest, ask.oldest])).toEqual([
      [9, 9],
      [8, 8],
      [7, 7],
      [6, 6],
    ])
    expect(asked.some(({ signal }) => signal.aborted)).toBe(false)
  })

  test('goes on when a smaller group of it is still wanted', () => {
    const { asked, loader } = opened()
    const days = [9, 8, 7].map((day) => block(day, 100))

    loader.want(days)
    loader.want(days.slice(1))

    expect(asked).toHaveLength(1)
    expect(asked[0]?.signal.aborted).toBe(false)
  })

  test('is never asked for over what is coming already', () => {
    const { asked, loader } = opened()
    const [a, b, c] = [block(9, 10), block(8, 10), block(7, 10)]

    loader.want([b])
    loader.want([a, b, c])

    expect(asked.map(({ ask }) => [ask.newest, ask.oldest])).toEqual([
      [8, 8],
      [9, 9],
      [7, 7],
    ])
  })
})

test('what is wanted no longer is given up, and not taken', async () => {
  const { asked, took, failed, loader } = opened()
  loader.want([block(9)])
  loader.want([block(3)])

  asked[0]?.answer(EMPTY)
  await Promise.resolve()

  expect(asked[0]?.signal.aborted).toBe(true)
  expect(asked[1]?.signal.aborted).toBe(false)
  expect(took).not.toHaveBeenCalled()
  expect(failed).not.toHaveBeenCalled()
})

test('who moves too fast begins nothing new', () => {
  const { asked, loader } = opened()

  loader.want([block(9)], { hold: true })

  expect(asked).toHaveLength(0)
})
