import { expect, test, vi } from 'vitest'
import { Selection, type Chosen } from './selection'

const item = (number: number): Chosen => ({ id: `${number}`, post: `p${number >> 1}`, size: 100 })
const items = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => item(from + at))
const from = (number: number) => ({ id: `${number}`, day: 1, number })

test('a tick selects and drops; the bar says from how many posts', () => {
  const selection = new Selection()

  for (const number of [0, 1, 5]) selection.toggle(item(number), from(number))
  expect([selection.size, selection.posts, selection.bytes]).toEqual([3, 2, 300])

  selection.toggle(item(1), from(1))
  expect(selection.ids).toEqual(['0', '5'])
})

test('a range grows and shrinks around where it began, beside what was selected before', () => {
  const selection = new Selection()
  selection.toggle(item(90), from(90))
  selection.toggle(item(10), from(10))

  selection.stretch(items(10, 14))
  expect(selection.size).toBe(6)
  selection.stretch(items(10, 12))
  expect(selection.ids).toEqual(['90', '10', '11', '12'])
  selection.stretch(items(8, 10))
  expect(selection.ids).toEqual(['90', '10', '8', '9'])
})

test('a new tick ends a range and begins another', () => {
  const selection = new Selection()
  selection.toggle(item(1), from(1))
  selection.stretch(items(1, 3))
  selection.toggle(item(7), from(7))

  selection.stretch(items(7, 8))

  expect(selection.ids).toEqual(['1', '2', '3', '7', '8'])
  expect(selection.from?.number).toBe(7)
})

test('a day is selected and dropped as a whole', () => {
  const selection = new Selection()
  selection.set(items(1, 5), true)
  selection.set(items(2, 3), false)

  expect(selection.ids).toEqual(['1', '4', '5'])
})

test('all that a search finds is selected without knowing its numbers', () => {
  const selection = new Selection()
  selection.toggle(item(1), from(1))

  selection.all({ count: 4000, bytes: 9e9, exact: true })

  expect([selection.size, selection.bytes, selection.posts]).toEqual([4000, 9e9, null])
  expect(selection.has('never seen')).toBe(true)
  expect(selection.ids).toEqual([])
})

test('what is gone is no longer selected, and everybody hears of changes', () => {
  const selection = new Selection()
  const heard = vi.fn()
  selection.subscribe(heard)
  selection.set(items(1, 3), true)

  selection.drop(new Set(['2', '99']))
  selection.drop(new Set(['99']))
  expect(selection.ids).toEqual(['1', '3'])
  selection.clear()
  selection.clear()

  expect(selection.isEmpty).toBe(true)
  expect(heard).toHaveBeenCalledTimes(3)
})

test('a range can be given back, as long as nothing else was selected since', () => {
  const selection = new Selection()
  selection.toggle(item(1), from(1))

  selection.stretch(items(1, 3))()
  expect(selection.ids).toEqual(['1'])
  const back = selection.stretch(items(1, 3))
  selection.toggle(item(9), from(9))
  back()

  expect(selection.ids).toEqual(['1', '2', '3', '9'])
})
