import { expect, test } from 'vitest'
import type { FollowingState } from '../../routes'
import { isIn, isQuiet } from './data'
import type { Subscription } from './schedule'

const one = (more: Partial<Subscription>) =>
  ({
    id: 1,
    paused: false,
    reason: null,
    health: 'ok',
    checked_at: '2026-11-26T14:00:00Z',
    backfill_done: true,
    ...more,
  }) as Subscription
const STATES: FollowingState[] = ['healthy', 'backfill', 'you', 'trouble', 'paused']
const statesOf = (more: Partial<Subscription>) => STATES.filter((state) => isIn(one(more), state))

test('nothing counts in two of the numbers that stand beside each other', () => {
  expect([
    statesOf({}),
    statesOf({ backfill_done: false }),
    statesOf({ checked_at: null, backfill_done: false }),
    statesOf({ reason: 'rate_limited', health: 'resting' }),
    statesOf({ reason: 'login_required', health: 'failing' }),
    statesOf({ reason: 'disk_full', health: 'resting', backfill_done: false }),
    statesOf({ reason: 'gone', health: 'failing' }),
    statesOf({ paused: true, reason: 'gone', health: 'resting' }),
  ]).toEqual([['healthy'], ['backfill'], [], [], ['you'], ['you'], ['trouble'], ['paused']])
})

test('quiet is who has posted nothing for long, and of whom that is known', () => {
  const now = Date.parse('2026-11-26T15:00:00Z')
  const ago = (days: number) => new Date(now - days * 86_400_000).toISOString()
  const quiet = (newest: string | undefined, more: Partial<Subscription> = {}) =>
    isQuiet(one({ created_at: ago(400), ...more }), new Map(newest === undefined ? [] : [[1, newest]]), now)

  expect([
    quiet(ago(91)),
    quiet(ago(89)),
    quiet(undefined),
    quiet(undefined, { created_at: ago(3) }),
  ]).toEqual([true, false, true, false])
  expect([
    quiet(ago(91), { paused: true }),
    quiet(ago(91), { reason: 'rate_limited', health: 'resting' }),
    quiet(undefined, { checked_at: null }),
    quiet(ago(91), { backfill_done: false }),
    isQuiet(one({ created_at: ago(400) }), undefined, now),
  ]).toEqual([false, false, false, false, false])
})

test('what needs attention is what needs somebody, and what has trouble', () => {
  const attention = (more: Partial<Subscription>) => isIn(one(more), 'failing')

  expect([
    attention({ reason: 'login_required', health: 'failing' }),
    attention({ reason: 'gone', health: 'failing' }),
    attention({ reason: 'rate_limited', health: 'resting' }),
  ]).toEqual([true, true, false])
})
