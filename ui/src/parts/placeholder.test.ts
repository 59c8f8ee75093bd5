import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ground, hurry, prepare } from './placeholder'

/** A hash of its own for each number: only its last byte differs. */
const hashOf = (number: number) =>
  btoa(
    String.fromCharCode(...[213, 232, 9, 5, 136, 117, 135, 128, 119, 104, 119, 119, 136, 120, 247, number]),
  )

let idle: ((deadline: { timeRemaining: () => number }) => void)[] = []

beforeEach(() => {
  vi.useFakeTimers()
  idle = []
  const requestIdleCallback = (work: (typeof idle)[number]) => idle.push(work)
  vi.stubGlobal('window', { requestIdleCallback })
  vi.stubGlobal('requestIdleCallback', requestIdleCallback)
})
afterEach(() => {
  hurry(false)
  vi.advanceTimersByTime(10_000)
  while (idle.length > 0) rest()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const rest = () => idle.shift()?.({ timeRemaining: () => 50 })

test('what rests is shown as its blurred picture', () => {
  expect(ground(hashOf(1)).backgroundImage).toMatch(/^url\(data:image\/png/)
})

test('what passes by is shown as its colour, unless its picture is there', () => {
  ground(hashOf(2))
  hurry(true)

  expect(ground(hashOf(3))).toEqual({ backgroundColor: 'rgb(88 101 66)' })
  expect(ground(hashOf(2))).toHaveProperty('backgroundImage')
})

test('pictures are made ahead when there is time', () => {
  prepare([hashOf(4), null])
  vi.advanceTimersByTime(1000)
  while (idle.length > 0) rest()
  hurry(true)

  expect(ground(hashOf(4))).toHaveProperty('backgroundImage')
})

test('nothing is made ahead until a while after the last has passed by', () => {
  hurry(true)
  prepare([hashOf(5)])
  rest()
  expect(ground(hashOf(5))).toHaveProperty('backgroundColor')

  vi.advanceTimersByTime(1000)
  rest()

  expect(ground(hashOf(5))).toHaveProperty('backgroundImage')
})

test('what has long passed by is made no more', () => {
  hurry(true)
  const many = Array.from(
    { length: 2600 },
    (_, at) => hashOf(at % 256) + ' '.repeat(1 + Math.floor(at / 256)),
  )
  prepare(many)

  vi.advanceTimersByTime(1000)
  while (idle.length > 0) rest()

  const made = many.filter((hash) => 'backgroundImage' in (hurry(true), ground(hash)))
  expect(made.length).toBeLessThanOrEqual(2000)
})
