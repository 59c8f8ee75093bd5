import { expect, test } from 'vitest'
import { monthAt, monthsOf, stepped } from './months'
import { Timeline } from './timeline'

/** One picture a month, so that some months begin in one line; the newest first. */
function sparse(months: number): Timeline {
  const day = Array.from({ length: months }, (_, at) => 20_000 - at * 31)
  return new Timeline(
    { day, count: day.map(() => 1), width: day.map(() => 1.5) },
    { width: 1200, target: 160, gap: 4, columns: 0 },
  )
}

test('a key leads on where some months begin at one height', () => {
  const months = monthsOf(sparse(12))
  const heights = [...new Set(months.map(({ part }) => part))]
  expect(heights).toHaveLength(3)

  const down = [0, 1, 2].map((at) => stepped(months, heights[at] ?? 0, 'ArrowDown'))
  const up = [2, 1, 0].map((at) => stepped(months, heights[at] ?? 0, 'ArrowUp'))

  expect(down).toEqual([heights[1], heights[2], heights[2]])
  expect(up).toEqual([heights[1], heights[0], heights[0]])
  expect(stepped(months, 0, 'End')).toBe(1)
  expect(stepped(months, 0, 'x')).toBeUndefined()
})

test('where some months begin at one height it is the newest that is named', () => {
  const months = monthsOf(sparse(12))

  expect(monthAt(months, 0)).toBe(months[0])
  expect(monthAt(months, 0.34)?.part).toBe(months.find(({ part }) => part > 0)?.part)
  expect(monthAt(months, 0.34)).toBe(months.find(({ part }) => part > 0))
})
