import { expect, test } from 'vitest'
import { strengthOf } from './strength'

test('what is short or made of few characters is weak, whatever its length', () => {
  expect(strengthOf('')).toBe(0)
  expect(strengthOf('Tr0ub4dor&3')).toBe(0)
  expect(strengthOf('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')).toBe(1)
  expect(strengthOf('abababababab')).toBe(1)
})

test('length counts for more than signs', () => {
  expect(strengthOf('Tr0ub4dor&3x')).toBe(3)
  expect(strengthOf('monkeymonkey')).toBe(2)
  expect(strengthOf('correct horse battery staple')).toBe(4)
})
