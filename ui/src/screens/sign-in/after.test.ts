import { expect, test } from 'vitest'
import { pageAfter } from './after'

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  'queue',
  '/a\\b',
  undefined,
])('%s leads home', (after) => {
  expect(pageAfter(after)).toBe('/')
})

test.each(['/', '/queue?job=5', '/library?q=kind%3Avideo#x', '/settings/security'])('%s is kept', (after) => {
  expect(pageAfter(after)).toBe(after)
})

test('a page for strangers is none to come back to', () => {
  expect(pageAfter('/sign-in?after=%2F')).toBe('/')
})
