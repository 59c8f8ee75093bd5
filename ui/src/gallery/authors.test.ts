import { expect, test } from 'vitest'
import { authorsOf } from './authors'

test('who has most of a day is named first, over all its blocks', () => {
  const blocks = [{ author: ['bruno', 'ada', ''] }, { author: ['chiyo', 'ada', 'bruno', 'ada', ''] }]

  expect(authorsOf(blocks)).toEqual(['ada', 'bruno', 'chiyo'])
  expect(authorsOf([])).toEqual([])
})
