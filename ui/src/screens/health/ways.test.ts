import { expect, test } from 'vitest'
import { wayOf } from './ways'

test('a way is called by whose help it lists a platform', () => {
  expect(wayOf('x.gallerydl')).toBe('gallery-dl')
  expect(wayOf('*.ytdlp')).toBe('yt-dlp')
  expect(wayOf('reddit.native')).toMatchObject({ message: 'directly' })
})

test('a way that is new here keeps its name', () => {
  expect(wayOf('reddit.mirror')).toBe('mirror')
})
