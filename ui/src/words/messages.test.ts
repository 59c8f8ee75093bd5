import { transformSync } from '@babel/core'
import { expect, test } from 'vitest'
import { compiledMessages } from '../../messages'

const compiled = (source: string) =>
  transformSync(source, { plugins: [compiledMessages], configFile: false, compact: true })?.code

test('a message with values becomes what it says', () => {
  expect(compiled('x({ id: "a", message: "Hello {name}", values })')).toBe(
    'x({id:"a",message:["Hello ",["name"]],values});',
  )
})

test('a plural is taken apart', () => {
  expect(compiled('x({ id: "a", message: "{n, plural, one {# file} other {# files}}" })')).toBe(
    'x({id:"a",message:[["n","plural",{one:["#"," file"],other:["#"," files"]}]]});',
  )
})

test('plain words stay plain, their quotes as one writes them', () => {
  expect(compiled(`x({ id: "a", message: "It''s here" })`)).toBe(`x({id:"a",message:"It's here"});`)
})

test('what only looks like a message is left alone', () => {
  const other = 'x({message:"Hello {name}"});'
  expect(compiled(other)).toBe(other)
})
