import { expect, test } from 'vitest'
import { isReadable } from './readable'

test.each([
  '',
  'sunset from:ada',
  'kind:image,video size>20MB date:2023..2024 -is:gone',
  '(kind:Image | reason:gone) duration:..10m source:12',
  'state:trashed',
])('can be read: %s', (q) => expect(isReadable(q)).toBe(true))

test.each([
  'kind:film',
  'size>big',
  'date:soon',
  '"half',
  '(kind:video',
  'state:failed state:open',
  'source:me',
])('may be a mistake: %s', (q) => expect(isReadable(q)).toBe(false))
