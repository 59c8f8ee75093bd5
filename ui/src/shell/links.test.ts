import { expect, test } from 'vitest'
import { findLinks, isOne, recognise } from './links'

test.each([
  ['https://www.instagram.com/stones.and.spires/', 'instagram', 'profile', 'stones.and.spires'],
  ['https://www.instagram.com/p/Cabc123/', 'instagram', 'post', ''],
  ['https://www.tiktok.com/@castle.walks', 'tiktok', 'profile', 'castle.walks'],
  ['https://www.tiktok.com/@castle.walks/video/71234', 'tiktok', 'video', 'castle.walks'],
  ['https://youtu.be/dQw4w9WgXcQ', 'youtube', 'video', ''],
  ['https://www.youtube.com/watch?v=dQw4w9WgXcQ', 'youtube', 'video', ''],
  ['https://www.youtube.com/@ReefDiary', 'youtube', 'channel', 'ReefDiary'],
  ['https://old.reddit.com/r/EarthPorn/', 'reddit', 'community', 'EarthPorn'],
  ['https://x.com/somebody/status/12', 'x', 'post', 'somebody'],
  ['https://mastodon.example/@ada', null, 'profile', 'ada'],
  ['https://mastodon.example/@ada/110', null, 'post', ''],
  ['https://blog.example/feed/', 'feed', 'feed', ''],
  ['https://files.example/a/b.jpg', null, 'file', ''],
  ['https://somewhere.example/', null, null, ''],
])('%s is known by its form', (url, platform, kind, name) => {
  expect(recognise(url)).toEqual({ url, platform, kind, name })
})

test('a name that no decoder reads stays as it is', () => {
  expect(recognise('https://plaza.example/tag/%E0%A4%A').name).toBe('%E0%A4%A')
})

test('several lines are several links, each once', () => {
  const text = 'https://a.example/x\nlook: https://b.example/y, and\r\nhttps://a.example/x'

  expect(findLinks(text)).toEqual(['https://a.example/x', 'https://b.example/y'])
})

test.each(['sunset beach', 'sunset.beach', 'tag:beach', 'file:img_20.jpg', 'http://', 'and/or', ''])(
  '%s is a search and no link',
  (text) => {
    expect(findLinks(text)).toEqual([])
  },
)

test.each(['instagram.com/wildlens.anna', 'www.example.org', '127.0.0.1:8080/@ada', 'localhost:80/x'])(
  '%s needs no scheme to be a link',
  (text) => {
    expect(findLinks(text)).toEqual([`https://${text}`])
  },
)

test('of a post nothing new comes, of a profile it does', () => {
  expect([isOne('post'), isOne('profile'), isOne(null)]).toEqual([true, false, false])
})
