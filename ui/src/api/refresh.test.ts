import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Soon } from './refresh'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('many askings within the time are one', () => {
  const [soon, act] = [new Soon(), vi.fn()]

  soon.ask(act, 100)
  vi.advanceTimersByTime(60)
  soon.ask(act, 100)
  vi.advanceTimersByTime(40)
  expect(act).toHaveBeenCalledTimes(1)
  soon.ask(act, 100)
  vi.advanceTimersByTime(100)

  expect(act).toHaveBeenCalledTimes(2)
})

test('what was stopped hears the next asking', () => {
  const [soon, act, other] = [new Soon(), vi.fn(), vi.fn()]
  soon.ask(act, 100)

  soon.stop()
  soon.ask(other, 100)
  vi.advanceTimersByTime(500)

  expect([act, other].map(({ mock }) => mock.calls.length)).toEqual([0, 1])
})
