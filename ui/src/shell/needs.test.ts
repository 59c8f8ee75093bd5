import { expect, test } from 'vitest'
import type { Schemas } from '../api/client'
import type { Job } from './activity'
import { needsOf, wrongOf } from './needs'

const NOW = Date.parse('2026-11-26T14:00:00Z')
const job = (id: string, reason: string, more: Partial<Job> = {}) =>
  ({
    id,
    reason,
    state: 'waiting',
    platform: 'instagram',
    title: id,
    detail: null,
    ...more,
    subscription: more.subscription ?? null,
  }) as Job
const followed = (id: number, reason: string) =>
  ({
    id,
    reason,
    platform: 'instagram',
    title: String(id),
    detail: null,
    paused: false,
  }) as Schemas['SubscriptionView']

test('what one login would settle is one need', () => {
  const needs = needsOf(
    [],
    [job('a', 'login_required'), job('b', 'login_required')],
    [followed(7, 'login_required')],
    NOW,
  )

  expect(needs).toMatchObject([
    { reason: 'login_required', platform: 'instagram', jobs: ['a', 'b'], subscriptions: [7] },
  ])
})

test('what goes on by itself, or could not, needs nobody', () => {
  expect(needsOf([], [job('a', 'rate_limited'), job('b', 'gone', { state: 'failed' })], [], NOW)).toEqual([])
})

test('what failed long ago is left in peace, the job of a subscription is told by that', () => {
  const old = { state: 'failed', finished_at: '2026-11-20T14:00:00Z' }
  const fresh = { state: 'failed', finished_at: '2026-11-26T13:00:00Z' }
  const jobs = [
    job('a', 'challenge', old),
    job('b', 'challenge', { subscription: 7 }),
    job('c', 'challenge', fresh),
  ]

  expect(needsOf([], jobs, [], NOW)).toMatchObject([{ jobs: ['c'] }])
})

test('a full disk is told once, by its alarm', () => {
  const alarm = { name: 'disk', since: '2026-11-26T13:00:00Z', message: 'No room.' }

  expect(needsOf([alarm], [job('a', 'disk_full')], [], NOW)).toMatchObject([
    { reason: 'disk', title: 'No room.' },
  ])
})

test('what is not well counts once, by its alarm where there is one', () => {
  const checks = [
    { name: 'disk', ok: false, detail: '1 GB is free.' },
    { name: 'queue', ok: false, detail: 'Nothing moves.' },
    { name: 'files', ok: true, detail: 'All are there.' },
  ]
  const alarms = [
    { name: 'disk', since: '2026-11-26T13:00:00Z', message: 'No room.' },
    { name: 'backup', since: '2026-11-26T13:00:00Z', message: 'It failed.' },
  ]

  expect(wrongOf({ alarms, checks })).toEqual([
    ...alarms,
    { name: 'queue', message: 'Nothing moves.', since: null },
  ])
})
