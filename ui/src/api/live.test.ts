import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { live } from './live'

/** A stream that says what the test says. */
class Source extends EventTarget {
  static latest: Source
  static readonly CLOSED = 2
  readyState = 1

  constructor() {
    super()
    Source.latest = this
  }

  say(kind: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }))
  }

  breakOff() {
    this.readyState = Source.CLOSED
    this.dispatchEvent(new Event('error'))
  }

  close() {
    this.readyState = Source.CLOSED
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Source)
  live.open()
  Source.latest.say('hello', {})
})

afterEach(() => {
  live.close()
  vi.useRealTimers()
})

test('what was shown is loaded anew when the database is back', () => {
  const reset = vi.fn()
  const stop = live.onReset(reset)

  Source.latest.say('database', { away: true })
  const away = live.connection().away
  Source.latest.say('database', { away: false })

  expect(away).toBe(true)
  expect(live.connection().away).toBe(false)
  expect(reset).toHaveBeenCalledOnce()
  stop()
})

test('a refused request counts only where no stream knows better', () => {
  live.lose()
  const whole = live.connection().away
  Source.latest.breakOff()
  live.lose()

  expect(whole).toBe(false)
  expect(live.connection().away).toBe(true)
})

test('a stream is asked for again within a second while the database is away', () => {
  Source.latest.say('database', { away: true })
  const before = Source.latest
  before.breakOff()

  vi.advanceTimersByTime(1000)

  expect(Source.latest).not.toBe(before)
  Source.latest.say('hello', {})
  expect(live.connection().away).toBe(false)
})
