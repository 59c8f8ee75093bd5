import { expect, test } from 'vitest'
import { chosenIn, kindToggled, typeToggled } from './kinds'

const TYPES = ['image/png', 'image/jpeg', 'video/mp4', 'application/pdf']

test('a whole kind is a kind', () => {
  expect(kindToggled('fog', 'video', TYPES)).toBe('kind:video fog')
  expect(kindToggled('kind:video', 'image', TYPES)).toBe('kind:video,image')
  expect(kindToggled('kind:video,image', 'video', TYPES)).toBe('kind:image')
})

test('a part of one kind does not lose the others', () => {
  expect(typeToggled('kind:video', 'image/png', TYPES)).toBe('type:video,image/png')
  expect(typeToggled('kind:video,image', 'image/png', TYPES)).toBe('type:video,image/jpeg')
  expect(typeToggled('kind:document', 'image/png', TYPES)).toBe('type:application/pdf,image/png')
})

test('all parts of a kind are the kind again', () => {
  expect(typeToggled('type:video,image/jpeg', 'image/png', TYPES)).toBe('kind:video,image')
  expect(typeToggled('type:image/png', 'image/png', TYPES)).toBe('')
})

test('what is chosen is read from both', () => {
  expect(chosenIn('kind:video')).toEqual(new Map([['video', 'all']]))
  expect(chosenIn('type:image/png,video/*')).toEqual(
    new Map<string, unknown>([
      ['image', new Set(['image/png'])],
      ['video', 'all'],
    ]),
  )
})
