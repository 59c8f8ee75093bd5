import { expect, test } from 'vitest'
import { healthOf, look, platformOfSite } from './cookies'

const TXT =
  '# Netscape HTTP Cookie File\n' +
  '.instagram.com\tTRUE\t/\tTRUE\t1900000000\tsessionid\tabc\n' +
  '#HttpOnly_www.instagram.com\tFALSE\t/\tTRUE\t1800000000\tcsrftoken\tdef\n' +
  '.instagram.com\tTRUE\t/\tTRUE\t0\tig_did\tghi\n'

test('a cookies.txt tells its sites and when the last cookie ends', () => {
  expect(look(TXT)).toEqual({
    count: 3,
    sites: ['instagram.com', 'www.instagram.com'],
    ends: 1_900_000_000_000,
  })
})

test('the JSON of an extension is understood, as a list or with the list inside', () => {
  const cookies = [{ domain: '.x.com', name: 'a', value: 'b', expirationDate: 1_900_000_000.5 }]
  expect(look(JSON.stringify(cookies))).toMatchObject({ count: 1, sites: ['x.com'], ends: 1_900_000_000_500 })
  expect(look(JSON.stringify({ cookies }))).toMatchObject({ count: 1 })
})

test('what is no cookies is said to be none', () => {
  for (const text of ['', 'hello', '# only a comment', '{"a": 1}', '[', 'a\tb\tc'])
    expect(look(text)).toBeNull()
})

test('a site tells its platform where it is known', () => {
  const known = ['instagram', 'x', 'youtube']
  expect(platformOfSite('www.instagram.com', known)).toBe('instagram')
  expect(platformOfSite('twitter.com', known)).toBe('x')
  expect(platformOfSite('forum.example', known)).toBe('')
})

test('health is told by what is known', () => {
  const now = Date.parse('2026-11-26T12:00:00Z')
  const at = (expires_at: string | null, readable = true, reason: string | null = null) =>
    healthOf({ readable, expires_at, last_use: { reason } }, now)
  expect(at('2026-11-29T12:00:00Z')).toBe('ending')
  expect(at('2027-11-29T12:00:00Z')).toBe('fine')
  expect(at('2026-11-26T11:59:59Z')).toBe('ended')
  expect(at(null)).toBe('unknown')
  expect(at('2027-01-01T00:00:00Z', false)).toBe('unreadable')
  expect(at('2027-01-01T00:00:00Z', true, 'login_required')).toBe('refused')
  expect(at(null, true, 'challenge')).toBe('refused')
  expect(at('2026-11-26T11:59:59Z', true, 'login_required')).toBe('ended')
  expect(at('2027-01-01T00:00:00Z', true, 'rate_limited')).toBe('fine')
  expect(healthOf({ readable: true, expires_at: null, last_use: null }, now)).toBe('unknown')
})
