import { expect, it } from 'vitest'
import { ahead } from './ahead'
import type { Subscription } from './schedule'

const one = (id: number, more: Partial<Subscription> = {}) => ({ id, paused: false, ...more }) as Subscription
const all = [one(3), one(2), one(1)]
const rests = (each: Subscription) => ({ ...each, paused: true })

it('shows a change of some at once, and the others as they are', () => {
  const shown = ahead(all, [2, 1], rests).all
  expect(shown.map(({ id, paused }) => [id, paused])).toEqual([
    [3, false],
    [2, true],
    [1, true],
  ])
  expect(shown[0]).toBe(all[0])
})

it('gives back what was before, and only where nothing newer has come', () => {
  const { all: shown, back } = ahead(all, [2, 1], rests)
  const came = [one(4), ...shown.map((each) => (each.id === 1 ? one(1, { title: 'newer' }) : each))]
  expect(back(came)).toEqual([one(4), one(3), one(2), one(1, { title: 'newer' })])
})

it('puts back what had left the list, in its place', () => {
  const { all: shown, back } = ahead(all, [2], () => null)
  expect(shown.map(({ id }) => id)).toEqual([3, 1])
  expect(back([one(4), ...shown]).map(({ id }) => id)).toEqual([4, 3, 2, 1])
  expect(back(all)).toEqual(all)
})
