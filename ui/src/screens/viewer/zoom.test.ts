import { expect, test } from 'vitest'
import { FIT, kept, largest, stepped, swiped, zoomed } from './zoom'

const STAGE = { width: 1000, height: 800 }
const PICTURE = { width: 1000, height: 500 }

test('what lies under the pointer stays there', () => {
  const view = zoomed(FIT, 2, 8, { x: 300, y: -100 })
  expect(view).toEqual({ scale: 2, x: -300, y: 100 })
  const point = { x: (300 - view.x) / view.scale, y: (-100 - view.y) / view.scale }
  expect(point).toEqual({ x: 300, y: -100 })
  expect(zoomed(view, 1, 8, { x: 300, y: -100 })).toEqual(FIT)
})

test('it is never smaller than what fits, nor larger than allowed', () => {
  expect(zoomed(FIT, 0.2, 8).scale).toBe(1)
  expect(zoomed(FIT, 99, 8).scale).toBe(8)
  expect(stepped(stepped(FIT, 1, 8), -1, 8).scale).toBe(1)
  expect(largest(4000, 1000)).toBe(16)
  expect(largest(500, 1000)).toBe(4)
})

test('edges stay outside, and what is smaller stays in the middle', () => {
  expect(kept({ scale: 2, x: 900, y: 900 }, PICTURE, STAGE)).toEqual({ scale: 2, x: 500, y: 100 })
  expect(kept({ scale: 1, x: 50, y: -50 }, PICTURE, STAGE)).toEqual(FIT)
})

test('a finger says next, back, close, or nothing', () => {
  expect(swiped(-60, 10, 100)).toBe('next')
  expect(swiped(200, 40, 900)).toBe('back')
  expect(swiped(60, 10, 900)).toBe(null)
  expect(swiped(10, 90, 100)).toBe('close')
  expect(swiped(10, -90, 100)).toBe(null)
})
