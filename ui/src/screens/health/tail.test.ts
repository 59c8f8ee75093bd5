import { expect, test } from 'vitest'
import { MOST, queryOf, step, stepsOf, sumOf, type Line } from './tail'

const line = (number: number, event = 'stored', fields: Line['fields'] = {}): Line => ({
  number,
  time: '2026-11-26T12:00:00.5Z',
  level: 'info',
  event,
  job: 'j',
  request: null,
  fields,
})
const tail = (items: Line[], missed = false) => ({ items, next: `a.${items.at(-1)?.number ?? 0}`, missed })
const begun = { of: '', lines: [], next: null, missed: false, error: null }

test('what comes is put behind what is there, and no more is kept than can be shown', () => {
  let state = step(begun, { kind: 'told', of: 'x', tail: tail([line(1)]), first: true })
  state = step(state, { kind: 'told', of: 'x', tail: tail([line(2)]), first: false })
  expect(state.lines.map(({ number }) => number)).toEqual([1, 2])
  const many = Array.from({ length: MOST + 5 }, (_, at) => line(at))
  expect(step(state, { kind: 'told', of: 'x', tail: tail(many), first: false }).lines).toHaveLength(MOST)
})

test('other filters begin anew, and a gap is remembered', () => {
  const state = step(begun, { kind: 'told', of: 'x', tail: tail([line(1)]), first: true })
  expect(step(state, { kind: 'told', of: 'y', tail: tail([line(7)]), first: true }).lines).toHaveLength(1)
  const gap = step(state, { kind: 'told', of: 'x', tail: tail([line(9)], true), first: false })
  expect(step(gap, { kind: 'told', of: 'x', tail: tail([]), first: false }).missed).toBe(true)
})

test('a failure keeps what was shown', () => {
  const state = step(begun, { kind: 'told', of: 'x', tail: tail([line(1)]), first: true })
  expect(step(state, { kind: 'failed', of: 'x', error: 'e' })).toMatchObject({ lines: [line(1)], error: 'e' })
})

test('files stored in a row are one step, with their bytes', () => {
  const steps = stepsOf([
    line(1, 'listed'),
    line(2, 'stored', { bytes: 5 }),
    line(3, 'stored', { bytes: 7 }),
    line(4, 'not_fetched'),
    line(5),
  ])
  expect(steps.map(({ event, lines }) => [event, lines.length])).toEqual([
    ['listed', 1],
    ['stored', 2],
    ['not_fetched', 1],
    ['stored', 1],
  ])
  expect(sumOf(steps[1]?.lines ?? [], 'bytes')).toBe(12)
})

test('requests are asked for only when somebody wants them, or one of them', () => {
  expect(queryOf({ level: 'info' })).toEqual({ level: 'info', requests: false })
  expect(queryOf({ requests: true })).toEqual({ requests: true })
  expect(queryOf({ request: 'r1' })).toEqual({ request: 'r1', requests: true })
})
