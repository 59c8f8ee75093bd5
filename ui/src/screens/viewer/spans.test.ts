import { expect, test } from 'vitest'
import { planned, spanAt } from './spans'

test('days are laid together until there are enough', () => {
  const spans = planned([20, 18, 17, 9, 3], [100, 100, 5, 900, 1])
  expect(spans).toEqual([
    { newest: 20, oldest: 18 },
    { newest: 17, oldest: 9 },
    { newest: 3, oldest: 3 },
  ])
  expect([25, 20, 19, 18, 17, 12, 4, 3, 1].map((day) => spanAt(spans, day))).toEqual([
    0, 0, 0, 0, 1, 1, 2, 2, 2,
  ])
  expect(spanAt([], 5)).toBe(-1)
})
