import { expect, test } from 'vitest'
import { barOf, numberOf, textOf } from './measures'

test.each([
  ['size', '20MB', 20e6],
  ['size', '1.5GiB', 1.5 * 1024 ** 3],
  ['size', '300kB', 300e3],
  ['size', '12', 12],
  ['size', 'big', null],
  ['duration', '90', 90],
  ['duration', '1h30m', 5400],
  ['duration', '10min', 600],
  ['duration', '', null],
])('%s %s', (name, text, number) => {
  expect(numberOf(name, text)).toBe(number)
})

test('numbers are written as short as can be, and read again', () => {
  for (const value of [0, 10_000, 1_000_000, 3_000_000_000, 1234])
    expect(numberOf('size', textOf('size', value))).toBe(value)
  for (const value of [5, 60, 5400, 7200]) expect(numberOf('duration', textOf('duration', value))).toBe(value)
  expect([textOf('size', 300_000), textOf('duration', 5400)]).toEqual(['300kB', '1h30m'])
})

test('a number lies in the bar that begins before it', () => {
  expect([0, 9, 10, 99, 1000].map((value) => barOf([0, 10, 100], value))).toEqual([0, 0, 1, 1, 2])
})
