import { i18n } from '@lingui/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { today } from './days'
import { formatAgo, formatAt, formatUtcDay, formatWhen } from './format'

const zone = process.env.TZ
beforeAll(() => {
  process.env.TZ = 'America/New_York'
  i18n.loadAndActivate({ locale: 'en-GB', messages: {} })
})
afterAll(() => {
  process.env.TZ = zone
})

const NOW = Date.parse('2026-11-27T02:00:00Z') // still the 26th in New York

test('what is not today has its day', () => {
  expect(formatWhen('2026-11-27T03:30:00Z', NOW)).toBe('22:30')
  expect(formatWhen('2026-11-27T14:00:00Z', NOW)).toBe('27 Nov, 09:00')
  expect(formatWhen('2027-01-02T14:00:00Z', NOW)).toBe('2 Jan 2027, 09:00')
})

test('at the end of a sentence a time has its preposition, a day needs none', () => {
  expect(formatAt('2026-11-27T03:30:00Z', NOW)).toBe('at 22:30')
  expect(formatAt('2026-11-27T14:00:00Z', NOW)).toBe('27 Nov, 09:00')
})

test('days are those of UTC, wherever one is', () => {
  expect(formatUtcDay(Date.parse('2026-11-27T00:00:00Z') / 86_400_000)).toBe('27 Nov 2026')
  expect(today(NOW)).toBe('2026-11-27')
})

test('what has been is never told as what is to come', () => {
  const now = Date.parse('2026-11-27T12:00:00Z')

  expect(
    ['2026-11-27T12:00:20Z', '2026-11-27T12:10:00Z', '2026-11-27T11:50:00Z'].map((at) => formatAgo(at, now)),
  ).toEqual(['just now', 'just now', '10 minutes ago'])
})
