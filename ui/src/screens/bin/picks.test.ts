import { expect, test } from 'vitest'
import { withPick } from './picks'

const IDS = ['a', 'b', 'c', 'd']
const pick = (picked: string[], id: string, on: boolean, from: string | null) => [
  ...withPick(new Set(picked), IDS, { id, on, from }),
]

test('one row, or all rows from the last one', () => {
  expect(pick([], 'b', true, null)).toEqual(['b'])
  expect(pick(['b'], 'd', true, 'b')).toEqual(['b', 'c', 'd'])
  expect(pick(['d'], 'b', true, 'd').sort()).toEqual(['b', 'c', 'd'])
  expect(pick(['a', 'b', 'c'], 'c', false, 'b')).toEqual(['a'])
  expect(pick(['a'], 'd', true, 'gone')).toEqual(['a', 'd'])
})
