/** What the ways to a platform are called: by whose help they list it. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

const WAYS: Readonly<Record<string, MessageDescriptor | string>> = {
  native: msg`directly`,
  browser: msg`by a browser`,
  voyager: msg`by its own interface`,
  page: msg`by its public pages`,
  gallerydl: 'gallery-dl',
  ytdlp: 'yt-dlp',
  instaloader: 'Instaloader',
  imginn: 'ImgInn',
  fastdl: 'FastDL',
  toolzu: 'Toolzu',
  nitter: 'Nitter',
}

/** The words of a way by the name of its provider, `reddit.native`; else what stands behind the platform. */
export function wayOf(provider: string): MessageDescriptor | string {
  const way = provider.slice(provider.indexOf('.') + 1)
  return WAYS[way] ?? way
}
