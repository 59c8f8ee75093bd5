import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Countdown } from './countdown'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what is held stands still, and goes on with what it had left', () => {
  const end = vi.fn()
  const countdown = new Countdown(end, 8000)
  countdown.start()

  vi.advanceTimersByTime(5000)
  countdown.hold('pointer')
  countdown.hold('focus')
  vi.advanceTimersByTime(60_000)
  countdown.release('pointer')
  vi.advanceTimersByTime(60_000)
  countdown.release('focus')
  vi.advanceTimersByTime(2999)
  expect(end).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)

  expect(end).toHaveBeenCalledOnce()
})

test('what a pointer has left before it begins is counted once', () => {
  const end = vi.fn()
  const countdown = new Countdown(end, 8000)

  countdown.hold('pointer')
  countdown.release('pointer')
  countdown.start()
  countdown.hold('pointer')
  vi.advanceTimersByTime(60_000)

  expect(end).not.toHaveBeenCalled()
})

test('what comes under a pointer is held before it has begun, and has all its time yet', () => {
  const end = vi.fn()
  const countdown = new Countdown(end, 8000)

  countdown.hold('pointer')
  countdown.start()
  vi.advanceTimersByTime(60_000)
  countdown.release('pointer')
  vi.advanceTimersByTime(7999)
  expect(end).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)

  expect(end).toHaveBeenCalledOnce()
})
