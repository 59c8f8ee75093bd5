import { expect, test } from 'vitest'
import { compared } from './diff'

const told = (before: string, after: string) =>
  compared(before, after)
    .map(({ change, text }) => (change === 'same' ? text : change === 'gone' ? `[-${text}-]` : `{+${text}+}`))
    .join('')

test.each([
  ['five weeks in the forest', 'six weeks in the forest', '[-five-]{+six+} weeks in the forest'],
  ['a b', 'a b c', 'a b{+ c+}'],
  ['a b c', 'c', '[-a b -]c'],
  ['', 'new', '{+new+}'],
  ['same', 'same', 'same'],
])('%j to %j', (before, after, diff) => {
  expect(told(before, after)).toBe(diff)
})

test('either side can be read from the pieces', () => {
  const [before, after] = ['the quick  brown fox', 'a quick brown dog\nruns']
  const pieces = compared(before, after)
  const side = (left: string) =>
    pieces
      .filter((one) => one.change !== left)
      .map((one) => one.text)
      .join('')
  expect([side('new'), side('gone')]).toEqual([before, after])
})
