/** What is said of subscriptions: when they are due, how often, what lies behind. */
import { i18n } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import { formatDay, formatFromNow, formatTime } from '../../words/format'
import { platformOf } from '../../words/platforms'
import { amountOf, type Subscription } from './schedule'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** When something is due: `in 6 min`, `tonight 22:00`, `Wed 08:07`. */
export function formatDue(moment: string, now: number): string {
  const at = new Date(moment)
  const away = at.getTime() - now
  if (away <= 0) return i18n._(msg`now`)
  if (away < 3 * HOUR_MS) return formatFromNow(moment, now)
  const time = formatTime(moment)
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const days = Math.floor((new Date(at).setHours(0, 0, 0, 0) - midnight) / DAY_MS + 0.5)
  if (days === 0) return at.getHours() >= 18 ? i18n._(msg`tonight ${time}`) : i18n._(msg`today ${time}`)
  if (days === 1) return i18n._(msg`tomorrow ${time}`)
  if (days < 7) {
    const day = at.toLocaleDateString(i18n.locale, { weekday: 'short' })
    return i18n._(msg`${day} ${time}`)
  }
  return formatDay(moment)
}

/** An interval in words: `6 hours`. */
export function spanWords(span: string): string {
  const { amount, unit } = amountOf(span)
  switch (unit) {
    case 'm':
      return i18n._(msg`${plural(amount, { one: '# minute', other: '# minutes' })}`)
    case 'h':
      return i18n._(msg`${plural(amount, { one: '# hour', other: '# hours' })}`)
    case 'd':
      return i18n._(msg`${plural(amount, { one: '# day', other: '# days' })}`)
    case 'w':
      return i18n._(msg`${plural(amount, { one: '# week', other: '# weeks' })}`)
  }
}

/** How often it is checked, as the server says it; one that adapts in its bounds. */
export function scheduleWords(one: Pick<Subscription, 'adaptive' | 'schedule'>): string {
  if (one.adaptive === null) return one.schedule
  const [from, to] = [spanWords(one.adaptive.shortest), spanWords(one.adaptive.longest)]
  return i18n._(msg`adaptive, ${from} to ${to}`)
}

/** Seconds in words, roughly: `36 minutes`. */
export function lengthWords(seconds: number): string {
  if (seconds < 90)
    return i18n._(msg`${plural(Math.round(seconds), { one: '# second', other: '# seconds' })}`)
  const minutes = Math.round(seconds / 60)
  return spanWords(minutes < 120 ? `${minutes}m` : `${Math.round(minutes / 60)}h`)
}

const FEEDS: Record<string, ReturnType<typeof msg>> = {
  user: msg`profile`,
  posts: msg`posts`,
  tag: msg`tag`,
  thread: msg`thread`,
  subreddit: msg`community`,
  community: msg`community`,
  entries: msg`feed`,
  page: msg`page`,
  channel: msg`channel`,
  playlist: msg`list`,
  stories: msg`stories`,
  search: msg`search`,
}

/** What lies behind it: `Instagram profile`. */
export function kindWords(one: { platform: string; feed: string; host: string }): string {
  const { host } = one
  const platform = platformOf(one.platform).name
  const words = FEEDS[one.feed]
  const feed = words === undefined ? one.feed : i18n._(words)
  return host === '' ? i18n._(msg`${platform} ${feed}`) : i18n._(msg`${platform} ${feed} on ${host}`)
}
