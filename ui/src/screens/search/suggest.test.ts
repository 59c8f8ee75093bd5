import { describe, expect, test } from 'vitest'
import { namesFor, typingIn, valuesFor } from './suggest'

describe('what is being typed', () => {
  test.each([
    ['', { at: 0, not: '', name: null, piece: '' }],
    ['ki', { at: 0, not: '', name: null, piece: 'ki' }],
    ['fog ki', { at: 4, not: '', name: null, piece: 'ki' }],
    ['fog -ki', { at: 4, not: '-', name: null, piece: 'ki' }],
    ['kind:vi', { at: 5, not: '', name: 'kind', piece: 'vi' }],
    ['a -kind:image,vi', { at: 14, not: '-', name: 'kind', piece: 'vi' }],
    ['nothing:vi', { at: 10, not: '', name: null, piece: '' }],
    ['fog ', { at: 4, not: '', name: null, piece: '' }],
  ])('%j', (text, typing) => {
    expect(typingIn(text)).toEqual(typing)
  })
})

test('names and values are offered where they begin so', () => {
  expect(namesFor(typingIn('d')).map((one) => one.text)).toEqual(['date:', 'duration:'])
  expect(namesFor(typingIn('x -d')).map((one) => one.text)).toEqual(['-date:', '-duration:'])
  expect(namesFor(typingIn('')).length).toBe(0)
  const values = valuesFor(typingIn('tag:s'), [
    { value: 'las', count: 9 },
    { value: 'sun set', count: 1 },
  ])
  expect(values.map((one) => one.text)).toEqual(['"sun set" ', 'las '])
  expect(valuesFor(typingIn('kind:v'), []).map((one) => one.value)).toEqual(['video'])
})

test('a subscription is found by its title', () => {
  const known = [
    { value: '3', count: 9 },
    { value: '12', count: 4 },
  ]
  const titles = new Map([['12', 'Coast and cairn']])
  const found = valuesFor({ at: 0, not: '', name: 'source', piece: 'cairn' }, known, titles)
  expect(found.map(({ value }) => value)).toEqual(['12'])
})
