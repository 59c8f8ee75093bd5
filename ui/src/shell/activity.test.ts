import { expect, test } from 'vitest'
import { progressOf, withNews, type Job } from './activity'

const job = (id: string, state: string, more: Partial<Job> = {}): Job => ({
  id,
  state,
  kind: 'LinkGet',
  lane: 'interactive',
  platform: 'web',
  title: id,
  attempt: 1,
  priority: 100,
  held: false,
  next_at: null,
  created_at: '2026-11-26T14:00:00Z',
  started_at: null,
  finished_at: null,
  reason: null,
  detail: null,
  progress: null,
  subscription: null,
  ...more,
})
const news = (...jobs: (Job | { id: string; gone: true })[]) => new Map(jobs.map((each) => [each.id, each]))
const states = (jobs: Job[]) => jobs.map(({ id, state }) => `${id} ${state}`)

test('a job that goes on keeps its place, an ended one goes, a new one comes first', () => {
  const before = [job('c', 'queued'), job('b', 'queued'), job('a', 'running')]

  const after = withNews(before, news(job('b', 'running'), job('a', 'done'), job('d', 'queued')))

  expect(states(after)).toEqual(['d queued', 'c queued', 'b running'])
})

test('a job that is no more goes, and an ended one that was never shown does not come', () => {
  const after = withNews([job('a', 'queued')], news({ id: 'a', gone: true }, job('z', 'failed')))

  expect(after).toEqual([])
})

test('of several new jobs the newest stands first', () => {
  expect(states(withNews([], news(job('a', 'queued'), job('b', 'queued'))))).toEqual(['b queued', 'a queued'])
})

test('nobody knows the part of a job that has met nothing yet', () => {
  expect(progressOf(job('a', 'running', { progress: { requests: 1, bytes: 0 } })).part).toBeNull()
  const met = progressOf(job('a', 'running', { progress: { stored: 2, known: 1, pending: 1, speed: 7 } }))
  expect([met.done, met.total, met.part, met.speed]).toEqual([3, 4, 0.75, 7])
})

test('what waits has no speed, whatever it had when it stopped', () => {
  expect(progressOf(job('a', 'waiting', { progress: { speed: 7 } })).speed).toBe(0)
})
