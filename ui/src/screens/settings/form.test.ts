import { expect, test } from 'vitest'
import { exampleOf, matches, rawOf, read, same, shapeOf, splitSize, type FieldSchema } from './form'

const connections: FieldSchema = { type: 'integer', minimum: 1, maximum: 256 }
const largest: FieldSchema = { anyOf: [{ ge: 1, type: 'integer' }, { type: 'null' }] }

test('a schema says which control a field needs', () => {
  const kinds = (['boolean', 'integer', 'number', 'array', 'string'] as const).map(
    (type) => shapeOf({ type }).kind,
  )
  expect(kinds).toEqual(['switch', 'whole', 'number', 'list', 'text'])
  expect(shapeOf({ type: 'string', enum: ['a'] }).kind).toBe('choice')
  expect(shapeOf({ type: 'string', writeOnly: true }).kind).toBe('secret')
  expect(shapeOf(largest)).toMatchObject({ kind: 'whole', nullable: true, min: 1 })
})

test('what is typed is a value, or it is said why not', () => {
  const shape = shapeOf(connections)
  expect(read(shape, '12', false)).toEqual({ value: 12, fault: null })
  expect(read(shape, '1.5', false).fault).toEqual({ why: 'whole' })
  expect(read(shape, '', false).fault).toEqual({ why: 'whole' })
  expect(read(shape, '0', false).fault).toEqual({ why: 'between', min: 1, max: 256 })
  expect(read(shapeOf({ type: 'number', minimum: 0 }), '-1', false).fault).toEqual({ why: 'low', min: 0 })
  expect(read(shapeOf({ type: 'number' }), '0,5', false).value).toBe(0.5)
  expect(read(shapeOf({ type: 'string', minLength: 1 }), '', false).fault).toEqual({ why: 'empty' })
  expect(read(shapeOf({ type: 'string', maxLength: 2 }), 'abc', false).fault).toEqual({
    why: 'long',
    longest: 2,
  })
})

test('sizes go to and fro without loss', () => {
  for (const bytes of [1, 999, 1000, 2_000_000_000, 20_000_000_000, 1_500_000, 1_234_567_891]) {
    const shape = shapeOf(largest)
    expect(read(shape, rawOf(shape, bytes, true), true).value).toBe(bytes)
  }
  expect(splitSize(5_000_000_000)).toEqual({ amount: '5', size: 'GB' })
  expect(read(shapeOf(largest), '0 GB', true).fault).toEqual({ why: 'low', min: 1 })
  expect(read(shapeOf(largest), null, true)).toEqual({ value: null, fault: null })
})

test('a secret is never in its control', () => {
  expect(rawOf(shapeOf({ type: 'string', writeOnly: true }), true, false)).toBe('')
})

test('settings are found by words in any order', () => {
  expect(matches('file large', 'Largest file', 'Larger files are skipped')).toBe(true)
  expect(matches('proxy', 'Largest file')).toBe(false)
})

test('values are compared by what they hold', () => {
  expect(same(['a'], ['a'])).toBe(true)
  expect(same(null, 0)).toBe(false)
})

test('a template shows where a file would go', () => {
  const values = { platform: 'plaza', index: '2', ext: 'jpg' }
  expect(exampleOf('{platform}/{date:%Y}/{index}.{ext}', values)).toBe('plaza/2026/2.jpg')
  expect(exampleOf('{nothing}', values)).toBe('{nothing}')
})
