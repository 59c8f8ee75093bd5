import { beforeEach, expect, test, vi } from 'vitest'
import { keepPlace, placeIn } from './places'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
})

test('a video goes on where it was left, not at its end', () => {
  keepPlace('7', 61.4, 100)
  expect(placeIn('7')).toBe(61)
  keepPlace('7', 97, 100)
  expect(placeIn('7')).toBe(0)
})

test('only the latest are kept', () => {
  for (let id = 1; id <= 400; id++) keepPlace(`v${id}`, 50, 100)
  expect([placeIn('v400'), placeIn('v1')]).toEqual([50, 0])
})
