import { describe, expect, test } from 'vitest'
import { daysBetween, daysOf, monthOf, readDates, sameDay, shortest, weeksOf } from './dates'

const NOW = '2026-11-26' // a Thursday

describe('what is typed', () => {
  test.each([
    ['2024', '2024-01-01', '2024-12-31'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2024-02-03', '2024-02-03', '2024-02-03'],
    ['2023..2024-06', '2023-01-01', '2024-06-30'],
    ['2024-06 - 2023', '2023-01-01', '2024-06-30'],
    ['..2024', '', '2024-12-31'],
    ['2024..', '2024-01-01', ''],
    ['today', NOW, NOW],
    ['Yesterday', '2026-11-25', '2026-11-25'],
    ['last 7 days', '2026-11-20', NOW],
    ['last 2 months', '2026-09-26', NOW],
    ['last week', '2026-11-16', '2026-11-22'],
    ['this month', '2026-11-01', '2026-11-30'],
    ['last year', '2025-01-01', '2025-12-31'],
    ['last May', '2026-05-01', '2026-05-31'],
    ['December', '2025-12-01', '2025-12-31'],
    ['may 2019', '2019-05-01', '2019-05-31'],
    ['12 Oct – 9 Nov', '2026-10-12', '2026-11-09'],
    ['Oct 12, 2024', '2024-10-12', '2024-10-12'],
    ['24 Dec', '2025-12-24', '2025-12-24'],
    ['3.5.2020', '2020-05-03', '2020-05-03'],
  ])('%s', (text, from, to) => {
    expect(readDates(text, NOW)).toEqual({ from, to })
  })

  test.each(['', 'soon', '2024-13', '2024-02-30', '31 Feb', '..', '1 2 May', '2024-01 - x'])(
    'is no date: %s',
    (text) => {
      expect(readDates(text, NOW)).toEqual(text === '..' ? { from: '', to: '' } : null)
    },
  )

  test('months have names in the language of the page', () => {
    expect(readDates('letzten Mai', NOW, 'de')).toBeNull()
    expect(readDates('Mai 2024', NOW, 'de')).toEqual({ from: '2024-05-01', to: '2024-05-31' })
  })
})

describe('days', () => {
  test('a month is weeks that begin on Monday', () => {
    const weeks = weeksOf('2026-11-26')
    expect(weeks).toHaveLength(6)
    expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01'])
    expect(weeks[5]?.[0]).toBe('2026-11-30')
  })

  test('months are gone through with the day kept where it exists', () => {
    expect(sameDay('2026-03-31', -1)).toBe('2026-02-28')
    expect(sameDay('2026-01-31', 1)).toBe('2026-02-28')
    expect(monthOf('2026-01-15', -1)).toBe('2025-12-01')
    expect(daysBetween('2026-10-12', '2026-11-09')).toBe(29)
  })

  test('a whole month or year is written as one', () => {
    expect(shortest({ from: '2024-02-01', to: '2024-02-29' })).toEqual({ from: '2024-02', to: '2024-02' })
    expect(shortest({ from: '2024-01-01', to: '2024-12-31' })).toEqual({ from: '2024', to: '2024' })
    expect(shortest({ from: '2024-02-01', to: '2024-02-28' })).toEqual({
      from: '2024-02-01',
      to: '2024-02-28',
    })
    expect(daysOf({ from: '2023', to: '2024-06' })).toEqual({ from: '2023-01-01', to: '2024-06-30' })
    expect(daysOf({ from: '2023', to: '' })).toEqual({ from: '2023-01-01', to: '' })
  })
})
