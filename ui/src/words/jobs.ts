/** Jobs and lanes in words. */
import type { MessageDescriptor } from '@lingui/core'
import { i18n } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import type { Schemas } from '../api/client'
import { progressOf, type Job } from '../shell/activity'
import { formatAt, formatNumber } from './format'

export type Lane = Schemas['Lane']

export const LANES: Record<Lane, { name: MessageDescriptor; about: MessageDescriptor }> = {
  interactive: { name: msg`Asked for by you`, about: msg`links, and what you want again` },
  sync: { name: msg`Following`, about: msg`new posts first, then older ones` },
  housekeeping: { name: msg`Housekeeping`, about: msg`backups, checks, the recycle bin` },
}

const KINDS: Record<string, MessageDescriptor> = {
  LinkGet: msg`Link`,
  MediaFetch: msg`Fetched again`,
  SubscriptionSync: msg`New posts`,
  SubscriptionBackfill: msg`Older posts`,
  TrashPurge: msg`Recycle bin`,
  DatabaseBackup: msg`Backup of the database`,
  RecordsPrune: msg`Old records`,
  HealthWatch: msg`Health`,
  MediaProcess: msg`Looking into files`,
  LibraryEdit: msg`Changes to many`,
}

export function kindOf(job: Job): string {
  const words = KINDS[job.kind]
  return words === undefined ? job.kind : i18n._(words)
}

/** What a job is about; an address without what all addresses have. */
export function titleOf(job: { title: string }): string {
  return plainly(job.title)
}

export function plainly(address: string): string {
  return address.replace(/^https?:\/\/(?:www\.)?/, '').replace(/\/$/, '')
}

/** Where a job is, in one line; its reason stands elsewhere. */
export function whereOf(job: Job): string {
  const { done, total } = progressOf(job)
  const [at, all] = [formatNumber(done), formatNumber(total)]
  if (job.state === 'running') {
    if (total === 0) return i18n._(msg`Looking at what is there`)
    return done === total ? i18n._(msg`${at} seen, looking for more`) : i18n._(msg`${at} of ${all}`)
  }
  if (job.state === 'queued' && job.held) return i18n._(msg`Begins when its lane goes on`)
  if (job.state === 'queued') {
    const later = job.next_at !== null && new Date(job.next_at).getTime() > Date.now() + 60_000
    const when = later && job.next_at !== null ? formatAt(job.next_at) : null
    return when === null ? i18n._(msg`Waits for its turn`) : i18n._(msg`Begins ${when}`)
  }
  if (job.state === 'waiting') {
    if (total > 0) return i18n._(msg`${at} of ${all} so far`)
    return i18n._(msg`Nothing was brought yet`)
  }
  return resultOf(job)
}

/** What came of a job: `12 saved, 3 already here`. */
export function resultOf(job: Job): string {
  const { stored, known, skipped, failed } = progressOf(job)
  const parts = [
    stored && i18n._(msg`${plural(stored, { one: '# saved', other: '# saved' })}`),
    known && i18n._(msg`${plural(known, { one: '# already here', other: '# already here' })}`),
    skipped && i18n._(msg`${plural(skipped, { one: '# left out', other: '# left out' })}`),
    failed && i18n._(msg`${plural(failed, { one: '# failed', other: '# failed' })}`),
  ].filter((part) => part !== 0)
  if (parts.length > 0) return parts.join(', ')
  return job.state === 'done' ? (job.detail ?? i18n._(msg`Nothing new`)) : i18n._(msg`Nothing was brought`)
}

/** How long a running job may still take, in seconds; null while that is anybody's guess. */
export function leftOf(job: Job, now = Date.now()): number | null {
  const { done, total } = progressOf(job)
  if (job.state !== 'running' || job.started_at === null || done < 3 || done >= total) return null
  const spent = (now - new Date(job.started_at).getTime()) / 1000
  return spent < 4 ? null : ((total - done) * spent) / done
}

export function formatLeft(seconds: number): string {
  if (seconds < 60) return i18n._(msg`under a minute`)
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return i18n._(msg`about ${minutes} min`)
  const hours = Math.round(minutes / 60)
  if (hours < 48) return i18n._(msg`about ${hours} h`)
  const days = Math.round(hours / 24)
  return i18n._(msg`about ${days} days`)
}

/** What it is called: a title that only tells what it points to is said shorter. */
export function nameOf(
  one: Pick<Schemas['SubscriptionView'], 'title' | 'platform' | 'feed' | 'key'>,
): string {
  return one.title === `${one.platform} ${one.feed} ${one.key}` ? plainly(one.key) : one.title
}
