/** What a link is by its form alone, while somebody types it: no request is made for that. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export type LinkKind =
  | 'profile'
  | 'post'
  | 'video'
  | 'stories'
  | 'tag'
  | 'channel'
  | 'playlist'
  | 'board'
  | 'community'
  | 'thread'
  | 'feed'
  | 'file'

export interface Link {
  url: string
  /** null: the host must be asked. */
  platform: string | null
  kind: LinkKind | null
  /** Whose it is, where the form tells. */
  name: string
}

export const LINK_KINDS: Record<LinkKind, MessageDescriptor> = {
  profile: msg`profile`,
  post: msg`post`,
  video: msg`video`,
  stories: msg`stories`,
  tag: msg`tag`,
  channel: msg`channel`,
  playlist: msg`playlist`,
  board: msg`board`,
  community: msg`community`,
  thread: msg`thread`,
  feed: msg`feed`,
  file: msg`file`,
}

/** The same kinds as the server calls them. */
const FEEDS: Record<string, LinkKind> = {
  user: 'profile',
  stories: 'stories',
  tag: 'tag',
  post: 'post',
  status: 'post',
  submission: 'post',
  subreddit: 'community',
  thread: 'thread',
  entries: 'feed',
  file: 'file',
}

const ONE: (LinkKind | null)[] = ['post', 'video', 'file']

/** Whether nothing new will ever come of it. */
export const isOne = (kind: LinkKind | null) => ONE.includes(kind)

export function kindOfFeed(feed: string | null): LinkKind | null {
  return feed === null ? null : (FEEDS[feed] ?? null)
}

type Form = [path: RegExp, kind: LinkKind]
interface Site {
  hosts: RegExp
  platform: string
  forms: Form[]
}

const SITES: Site[] = [
  {
    hosts: /(?:^|\.)instagram\.com$/,
    platform: 'instagram',
    forms: [
      [/^\/(?:p|reel|reels|tv)\/[\w-]+/, 'post'],
      [/^\/stories\/(?<name>[\w.]+)/, 'stories'],
      [/^\/explore\/tags\/(?<name>[^/]+)/, 'tag'],
      [/^\/(?<name>[\w.]+)\/?$/, 'profile'],
    ],
  },
  {
    hosts: /(?:^|\.)tiktok\.com$/,
    platform: 'tiktok',
    forms: [
      [/^\/@(?<name>[\w.]+)\/(?:video|photo)\/\d+/, 'video'],
      [/^\/tag\/(?<name>[^/]+)/, 'tag'],
      [/^\/@(?<name>[\w.]+)\/?$/, 'profile'],
    ],
  },
  {
    hosts: /(?:^|\.)(?:youtube\.com|youtu\.be)$/,
    platform: 'youtube',
    forms: [
      [/^\/playlist/, 'playlist'],
      [/^\/(?:watch|shorts\/|live\/)/, 'video'],
      [/^\/(?:@|c\/|channel\/|user\/)(?<name>[^/]+)/, 'channel'],
      [/^\/[\w-]{11}$/, 'video'],
    ],
  },
  {
    hosts: /(?:^|\.)(?:x|twitter)\.com$/,
    platform: 'x',
    forms: [
      [/^\/(?<name>\w+)\/status\/\d+/, 'post'],
      [/^\/(?<name>\w{1,15})(?:\/media)?\/?$/, 'profile'],
    ],
  },
  {
    hosts: /(?:^|\.)(?:reddit\.com|redd\.it)$/,
    platform: 'reddit',
    forms: [
      [/^\/(?:r|u|user)\/(?<name>[\w-]+)\/comments\//, 'post'],
      [/^\/r\/(?<name>\w+)/, 'community'],
      [/^\/u(?:ser)?\/(?<name>[\w-]+)/, 'profile'],
    ],
  },
  {
    hosts: /(?:^|\.)snapchat\.com$/,
    platform: 'snapchat',
    forms: [[/^\/(?:add|@)\/?(?<name>[\w.-]+)/, 'stories']],
  },
  {
    hosts: /(?:^|\.)pinterest\.[a-z.]+$/,
    platform: 'pinterest',
    forms: [
      [/^\/pin\/\d+/, 'post'],
      [/^\/[\w-]+\/(?<name>[\w-]+)\/?$/, 'board'],
      [/^\/(?<name>[\w-]+)\/?$/, 'profile'],
    ],
  },
  {
    hosts: /(?:^|\.)linkedin\.com$/,
    platform: 'linkedin',
    forms: [
      [/^\/(?:posts|feed\/update)\//, 'post'],
      [/^\/(?:in|company)\/(?<name>[^/]+)/, 'profile'],
    ],
  },
  {
    hosts: /^bsky\.app$/,
    platform: 'bluesky',
    forms: [
      [/^\/profile\/(?<name>[^/]+)\/post\//, 'post'],
      [/^\/profile\/(?<name>[^/]+)\/?$/, 'profile'],
    ],
  },
]

/** What may stand on any host: a file, a feed, and what Mastodon and forums look like. */
const ANYWHERE: Form[] = [
  [/\.(?:jpe?g|png|gif|webp|avif|heic|mp4|m4v|mov|webm|mkv|mp3|m4a|flac|ogg|pdf)$/i, 'file'],
  [/(?:\/(?:feed|rss|atom)\/?|\.(?:rss|atom|xml))$/i, 'feed'],
  [/\/threads\/[^/]+/, 'thread'],
  [/^\/@(?<name>[\w.-]+)\/stories\/?$/, 'stories'],
  [/^\/@[\w.-]+(?:@[\w.-]+)?\/\w+\/?$/, 'post'],
  [/^\/@(?<name>[\w.-]+(?:@[\w.:-]+)?)\/?$/, 'profile'],
  [/^\/tags?\/(?<name>[^/]+)\/?$/, 'tag'],
]

const SCHEME = /^https?:\/\/[^\s/?#]/i
/** Without a scheme a link has a path, or begins as links do: `sunset.beach` is a search. */
const BARE =
  /^(?:www\.[\w-]+\.[a-z]{2,}|(?:[a-z0-9](?:[\w-]*[a-z0-9])?\.)+[a-z]{2,}\/|localhost(?::\d+)?\/|\d+\.\d+\.\d+\.\d+(?::\d+)?\/)/i

const SECURE = 'https://'

/** The links in a text, each once, in their order; none if it is something else. */
export function findLinks(text: string): string[] {
  const found = text
    .split(/[\s<>"]+/)
    .map((word) => word.replace(/[),.;]+$/, ''))
    .filter((word) => SCHEME.test(word) || BARE.test(word))
    .map((word) => (SCHEME.test(word) ? word : SECURE + word))
    .filter((word) => URL.canParse(word))
  return [...new Set(found)]
}

export function recognise(url: string): Link {
  const { hostname, pathname } = new URL(url)
  const site = SITES.find(({ hosts }) => hosts.test(hostname))
  for (const [path, kind] of site?.forms ?? ANYWHERE) {
    const match = path.exec(pathname)
    if (match) {
      const name = match.groups?.name ?? ''
      return { url, platform: site?.platform ?? (kind === 'feed' ? 'feed' : null), kind, name: decoded(name) }
    }
  }
  return { url, platform: site?.platform ?? null, kind: null, name: '' }
}

function decoded(name: string) {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
