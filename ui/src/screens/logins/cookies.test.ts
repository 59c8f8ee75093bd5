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

test('health is what the server tells, and how the last use ended', () => {
  const ends = '2027-11-29T12:00:00Z'
  const at = (health: Parameters<typeof healthOf>[0]['health'], reason: string | null = null) =>
    healthOf({ health, expires_at: ends, last_use: { reason } })
  expect(at('ok')).toBe('ok')
  expect(at('expiring')).toBe('expiring')
  expect(at('expiring', 'login_required')).toBe('refused')
  expect(at('ok', 'challenge')).toBe('refused')
  expect(at('ok', 'rate_limited')).toBe('ok')
  expect(at('ended', 'login_required')).toBe('ended')
  expect(at('limited', 'login_required')).toBe('limited')
  expect(healthOf({ health: 'ok', expires_at: null, last_use: null })).toBe('unknown')
  expect(healthOf({ health: 'checkpoint', expires_at: null, last_use: null })).toBe('checkpoint')
})
