import { beforeEach, expect, test, vi } from 'vitest'
import { keepMany, keptMany, UNCHANGED } from './draft'

const kept = new Map<string, string>()

beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
})

test('a change of many is kept with those that it was chosen for', () => {
  const draft = { ids: [1, 2], change: { ...UNCHANGED, limit: '40', login: null } }
  keepMany(draft)
  expect(keptMany()).toEqual(draft)
})

test('what changes nothing is not kept, and takes away what was', () => {
  keepMany({ ids: [1], change: { ...UNCHANGED, filter: '' } })
  keepMany({ ids: [1], change: UNCHANGED })
  expect(kept.size).toBe(0)
})

test.each([
  '7',
  'null',
  '[]',
  '{',
  '{"ids":[1]}',
  '{"ids":1,"change":{"limit":"1"}}',
  '{"ids":[1],"change":{"limit":3}}',
])('what is no such draft is none: %s', (text) => {
  kept.set('draft-many', text)
  expect(keptMany()).toBeNull()
})
