import { expect, test, vi } from 'vitest'
import type { Near } from '../../gallery/near'
import { located, planned, spansAt } from './spans'

test('days are laid together until there are enough', () => {
  const spans = planned([20, 18, 17, 9, 3], [100, 100, 5, 500, 1])

  expect(spans).toEqual([
    { newest: 20, oldest: 18, skip: 0 },
    { newest: 17, oldest: 9, skip: 0 },
    { newest: 3, oldest: 3, skip: 0 },
  ])
  expect([25, 20, 19, 18, 17, 12, 4, 3, 1].map((day) => spansAt(spans, day)[0])).toEqual([
    0, 0, 0, 0, 1, 1, 2, 2, 2,
  ])
  expect(spansAt([], 5)).toEqual([0, 0])
})

test('a long day is cut into parts, and the days beside it stay whole', () => {
  const spans = planned([7, 6, 5], [10, 1300, 10])

  expect(spans).toEqual([
    { newest: 7, oldest: 7, skip: 0 },
    { newest: 6, oldest: 6, skip: 0 },
    { newest: 6, oldest: 6, skip: 600 },
    { newest: 6, oldest: 6, skip: 1200 },
    { newest: 5, oldest: 5, skip: 0 },
  ])
  expect([7, 6, 5].map((day) => spansAt(spans, day))).toEqual([
    [0, 1],
    [1, 4],
    [4, 5],
  ])
})

/** A day of 100,000 pictures in parts of ten; some of them of one second. */
const part = (number: number) =>
  Array.from({ length: 10 }, (_, at) => {
    const place = number * 10 + at
    const second = 100_000 - (place > 500 && place < 600 ? 500 : place)
    return { id: `${place}`, shownAt: second } as Near
  })

test.each([0, 9, 31_415, 99_999])('picture %i of a very long day is found in few steps', async (place) => {
  const load = vi.fn((number: number) => Promise.resolve(part(number)))

  const found = await located([0, 10_000], { id: `${place}`, shownAt: 100_000 - place }, load)

  expect(found).toBe(Math.floor(place / 10))
  expect(load.mock.calls.length).toBeLessThan(16)
})

test('what was taken in one second is found all the same', async () => {
  const load = (number: number) => Promise.resolve(part(number))

  const found = await located([0, 100], { id: '577', shownAt: 99_500 }, load)

  expect(found).toBe(57)
})
