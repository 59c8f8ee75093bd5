import { describe, expect, it } from 'vitest'
import {
  amountOf,
  cellOf,
  cronOf,
  inOrder,
  isAmount,
  isSameTiming,
  minutesOf,
  retimed,
  sentOf,
  timesOf,
  timingOf,
  typedOf,
  USUAL,
} from './schedule'
import type { Subscription } from './schedule'

const told = (more: Partial<Subscription>) =>
  timingOf({ timing: '6h', zone: 'UTC', jitter_s: 2160, adaptive: null, ...more } as Subscription)

describe('intervals', () => {
  it.each([
    ['6h', 360],
    ['1d12h', 2160],
    ['2w', 20_160],
    ['', null],
    ['6', null],
    ['soon', null],
  ])('%s are %s minutes', (span, minutes) => expect(minutesOf(span)).toBe(minutes))

  it.each([
    ['6h', 6, 'h'],
    ['1d12h', 36, 'h'],
    ['90m', 90, 'm'],
    ['14d', 2, 'w'],
    ['24h', 1, 'd'],
  ])('%s is %s %s', (span, amount, unit) => expect(amountOf(span)).toEqual({ amount, unit }))
})

describe('what is typed', () => {
  it.each([
    ['6h', '6', 'h'],
    ['60m', '1', 'h'],
    ['h', '', 'h'],
    ['w', '', 'w'],
    ['0d', '0', 'd'],
    ['1.5d', '1.5', 'd'],
    ['', '', 'h'],
  ])('%s is the text "%s" and the unit %s', (span, text, unit) => {
    expect(typedOf(span)).toEqual({ text, unit })
  })

  it.each([
    ['1', true],
    ['605', true],
    ['9999', true],
    ['', false],
    ['0', false],
    ['10000', false],
    ['1e3', false],
  ])('"%s" is an amount: %s', (text, is) => expect(isAmount(text)).toBe(is))

  const rows = [
    { id: 0, time: '08:00' },
    { id: 1, time: '20:00' },
  ]

  it('a time keeps its row, wherever in the day it falls', () => {
    expect(retimed(rows, 0, '21:30')).toEqual([
      { id: 0, time: '21:30' },
      { id: 1, time: '20:30' },
    ])
  })

  it('a time that is half typed leaves the others alone', () => {
    expect(retimed(rows, 1, '')).toEqual([rows[0], { id: 1, time: '' }])
    expect(retimed(retimed(rows, 1, ''), 0, '09:15')).toEqual([
      { id: 0, time: '09:15' },
      { id: 1, time: '' },
    ])
  })

  it('afterwards they stand in order, each once', () => {
    const typed = [
      { id: 0, time: '21:30' },
      { id: 1, time: '20:30' },
      { id: 2, time: '' },
    ]
    expect(inOrder([...typed, { id: 3, time: '21:30' }])).toEqual([typed[1], typed[0]])
  })
})

describe('cron', () => {
  it.each([
    ['0 8,20 * * *', ['08:00', '20:00'], [1, 2, 3, 4, 5, 6, 7]],
    ['30 7 * * 1-5', ['07:30'], [1, 2, 3, 4, 5]],
    ['5 22 * * 0,6', ['22:05'], [6, 7]],
  ])('%s is times and days, and back', (cron, times, days) => {
    expect(timesOf(cron)).toEqual({ times, days })
    expect(timesOf(cronOf({ times, days }))).toEqual({ times, days })
  })

  it.each(['*/5 * * * *', '0 8-10 * * *', '0 8 1 * *', '0 25 * * *', '0 8 * * 1#2', '0 8'])(
    '%s says more than times and days',
    (cron) => expect(timesOf(cron)).toBeNull(),
  )

  it('writes days in a row as a range', () => {
    expect(cronOf({ times: ['08:00'], days: [3, 2, 1] })).toBe('0 8 * * 1-3')
  })
})

describe('what is sent', () => {
  it('is only what counts', () => {
    const timing = USUAL('6h')
    expect(sentOf(timing)).toEqual({ timing: '6h', adaptive: null })
    expect(sentOf({ ...timing, mode: 'cron', cron: ' 0  8 * * * ', zone: 'UTC', jitter: 0 })).toEqual({
      timing: '0 8 * * *',
      zone: 'UTC',
      jitter_s: 0,
      adaptive: null,
    })
    expect(sentOf({ ...timing, mode: 'adaptive' })).toEqual({ adaptive: { shortest: '30m', longest: '1w' } })
  })

  it('knows what means the same', () => {
    expect(isSameTiming(told({}), { ...told({}), cron: '1 1 * * *' })).toBe(true)
    expect(isSameTiming(told({}), { ...told({}), jitter: 0 })).toBe(false)
  })
})

it('tells the usual jitter from a chosen one', () => {
  expect(told({}).jitter).toBeNull()
  expect(told({ jitter_s: 60 }).jitter).toBe(60)
  expect(told({ timing: '0 8 * * *', jitter_s: 120 }).jitter).toBeNull()
})

it('finds the hour of a week on the clock of a zone', () => {
  const at = Date.UTC(2026, 10, 29, 23, 30) // a Sunday
  expect(cellOf(at, 'UTC')).toEqual({ day: 6, hour: 23 })
  expect(cellOf(at, 'Europe/Zurich')).toEqual({ day: 0, hour: 0 })
})
