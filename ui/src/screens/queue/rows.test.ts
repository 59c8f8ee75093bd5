import { expect, test } from 'vitest'
import type { Job } from '../../shell/activity'
import { comingOf, inLine, moved, rowsOf, settled } from './rows'

const job = (id: string, more: Partial<Job> = {}) =>
  ({
    id,
    state: 'queued',
    lane: 'interactive',
    platform: 'web',
    priority: 100,
    created_at: '2026-11-26T14:00:00Z',
    started_at: null,
    next_at: null,
    ...more,
  }) as Job
const keys = (rows: { key: string }[]) => rows.map(({ key }) => key)
const NONE = new Map<string, never>()

/** The line after the server has heard of the change. `all` is newest first, `line` in its order. */
function put(all: Job[], line: Job[], from: number, to: number) {
  const changed = new Map(moved(line, from, to, comingOf(all)).map(({ id, priority }) => [id, priority]))
  const now = all.map((each) => ({ ...each, priority: changed.get(each.id) ?? each.priority }))
  return { all: now, line: inLine(now) }
}
function after(line: Job[], from: number, to: number) {
  return put(line.toReversed(), line, from, to).line.map(({ id }) => id)
}
const moves = (line: Job[], from: number, to: number) => moved(line, from, to, comingOf(line.toReversed()))
const line = ['a', 'b', 'c', 'd'].map((id, index) => job(id, { created_at: `2026-11-26T14:00:0${index}Z` }))

test('what runs is first, then the line by priority and coming, then what waits by its time', () => {
  const jobs = [
    job('late', { state: 'waiting', next_at: '2026-11-26T15:00:00Z' }),
    job('soon', { state: 'waiting', next_at: '2026-11-26T14:10:00Z' }),
    job('second'),
    job('first'),
    job('urgent', { priority: 1 }),
    job('runs', { state: 'running', started_at: '2026-11-26T14:00:00Z' }),
  ]

  expect(inLine(jobs).map(({ id }) => id)).toEqual(['runs', 'urgent', 'first', 'second', 'soon', 'late'])
})

test('rows stand by lane and platform; a lane without jobs only where it must be seen', () => {
  const rows = rowsOf([job('b', { lane: 'sync', platform: 'x' }), job('a')], NONE, ['housekeeping'])

  expect(keys(rows)).toEqual([
    'lane interactive',
    'platform interactive web',
    'a',
    'lane sync',
    'platform sync x',
    'b',
    'lane housekeeping',
  ])
})

test('what was shown keeps its place, what comes joins the end of its section', () => {
  const before = keys(rowsOf([job('b'), job('a')], NONE, []))
  const now = rowsOf(
    [job('s', { lane: 'sync' }), job('c', { priority: 1 }), job('b', { priority: 2 }), job('a')],
    NONE,
    [],
  )

  expect(keys(settled(before, now))).toEqual([
    'lane interactive',
    'platform interactive web',
    'a',
    'b',
    'c',
    'lane sync',
    'platform sync web',
    's',
  ])
})

test('with nothing shown before, the right order comes out', () => {
  const now = rowsOf([job('c', { lane: 'sync' }), job('b', { platform: 'x' }), job('a')], NONE, [])

  expect(keys(settled([], now))).toEqual(keys(now))
})

test('a job moves up with one change if it came last, and stands where it was put', () => {
  expect(moves(line, 3, 0)).toEqual([{ id: 'd', priority: 99 }])
  expect(after(line, 3, 0)).toEqual(['d', 'a', 'b', 'c'])
  expect(after(line, 3, 1)).toEqual(['a', 'd', 'b', 'c'])
  expect(after(line, 2, 1)).toEqual(['a', 'c', 'b', 'd'])
})

test('a job moves down, and those behind it stay behind', () => {
  expect(after(line, 0, 3)).toEqual(['b', 'c', 'd', 'a'])
  expect(after(line, 0, 1)).toEqual(['b', 'a', 'c', 'd'])
  expect(after(line, 1, 2)).toEqual(['a', 'c', 'b', 'd'])
})

test('jobs of one second stay as they are shown', () => {
  const same = ['a', 'b', 'c'].map((id) => job(id))

  expect(moves(same, 2, 1).map(({ id }) => id)).toEqual(['a', 'c'])
  expect(moves(same, 2, 0)).toEqual([{ id: 'c', priority: 99 }])
})

test('what leads nowhere changes nothing', () => {
  expect([moves(line, 0, 0), moves(line, 0, 9), moves(line, 9, 0)]).toEqual([[], [], []])
})

test('moves build on each other, also among jobs of one second', () => {
  const same = ['a', 'b', 'c'].map((id) => job(id))

  const first = put(same.toReversed(), same, 2, 0)
  const second = put(first.all, first.line, 0, 1)
  const third = put(second.all, second.line, 2, 0)

  expect([first, second, third].map(({ line }) => line.map(({ id }) => id).join(''))).toEqual([
    'cab',
    'acb',
    'bac',
  ])
})
