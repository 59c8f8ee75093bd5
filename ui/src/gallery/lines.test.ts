import { expect, test } from 'vitest'
import { within } from './pointer'
import { NEWEST, SHAPE, SQUARES, look, opened } from './samples'
import type { Timeline } from './timeline'
import { walk } from './walk'

const places = (timeline: Timeline) =>
  timeline.blocks.map(({ left }, at) => [timeline.topOf(at), Math.round(left)])
const LINE = 44 + 160 + 4

test('small days stand side by side while there is room, and a full one stands alone', () => {
  const timeline = opened([1, 2, 1, 1, 40, 1, 1], SHAPE, 3000)
  const full = timeline.blocks[4]?.height ?? 0

  expect(places(timeline).slice(0, 4)).toEqual([
    [0, 0],
    [0, 268],
    [0, 780],
    [LINE, 0],
  ])
  expect(places(timeline).slice(4)).toEqual([
    [2 * LINE, 0],
    [2 * LINE + full, 0],
    [2 * LINE + full, 268],
  ])
  expect(timeline.height).toBe(3 * LINE + full)
  expect(timeline.blocks.map(({ span }) => Math.round(span))).toEqual([
    ...[240, 484, 240, SHAPE.width, SHAPE.width, 240, 240],
  ])
})

test('small days stay where they are once they are loaded, each with its name', () => {
  const timeline = opened([1, 2, 1, 1], SHAPE, 3000)
  const before = places(timeline)

  look(timeline, () => 1.5)

  expect(places(timeline)).toEqual(before)
  const { rows } = timeline.window(0, 3000)
  expect(rows.map(({ row }) => row)).toEqual([-1, 0, -1, 0, -1, 0, -1, 0])
  for (const { layout, span } of timeline.blocks)
    expect((layout?.left.at(-1) ?? 0) + (layout?.width.at(-1) ?? 0)).toBeLessThanOrEqual(span + 0.01)
})

test('small days close up where one of them is emptied', () => {
  const timeline = opened([1, 1, 1], SHAPE, 3000)
  look(timeline, () => 1.5)

  timeline.remove(new Set([`${NEWEST}-0`]))

  expect(places(timeline).slice(1)).toEqual([
    [0, 0],
    [0, 268],
  ])
  expect(timeline.window(0, 10).rows[0]?.block.day).toBe(NEWEST - 1)
})

test('small days that are emptied while one looks at them leave one where the next ones are', () => {
  const timeline = opened([400, 30, 400, 400])
  look(timeline)
  timeline.scrollTo(timeline.topOf(1) + 50)
  look(timeline)

  timeline.remove(new Set(timeline.blocks[1]?.tiles?.id))

  expect(timeline.layoutTop).toBeGreaterThanOrEqual(timeline.topOf(2))
  expect(timeline.layoutTop).toBeLessThan(timeline.topOf(2) + 200)
})

test('small days keep a picture where it is when rows become higher, whichever of the line it is', () => {
  const timeline = opened(Array.from({ length: 60 }, () => 1))
  look(timeline, () => 1.5)
  timeline.scrollTo(1000)
  look(timeline, () => 1.5)
  const at = timeline.at(1450) + 3
  const { day, part, tiles } = timeline.blocks[at] ?? expect.unreachable()
  const place = { day, part, id: tiles?.id[0], index: 0, down: 0 }
  const before = timeline.yOf(place) - timeline.layoutTop

  timeline.reshape({ ...SHAPE, target: 220 }, 800, timeline.yOf(place), place)

  expect(timeline.yOf(place) - timeline.layoutTop).toBeCloseTo(before, 3)
})

test('small days are one below the other where pictures are squares', () => {
  const timeline = opened([1, 1], SQUARES)

  expect(places(timeline)).toEqual([
    [0, 0],
    [44 + 128 + 3, 0],
  ])
})

test('small days are found by their line, whichever of them is meant', () => {
  const timeline = opened([1, 1, 1, 1, 1, 1, 1, 1], SHAPE, 200)
  const second = timeline.blocks.findIndex((_, at) => timeline.topOf(at) > 0)
  look(timeline, () => 1.5)

  expect(timeline.at(LINE + 50)).toBe(second)
  for (const { day, part } of timeline.blocks.slice(second, second + 3))
    expect(timeline.yOf({ day, part, id: undefined, index: 0, down: 0 })).toBe(LINE + 44)
  expect(timeline.anchorAt(LINE + 60)).toMatchObject({ day: NEWEST - second, index: 0 })
})

test('small days are walked through in lines', () => {
  const timeline = opened([1, 1, 1, 1, 2, 1], SHAPE, 3000) // 4 in the first line, 2 in the second
  look(timeline, () => 1.5)

  expect(places(timeline).filter(([top]) => top === 0)).toHaveLength(4)
  expect(walk(timeline, 0, 'ArrowRight')).toBe(1)
  expect(walk(timeline, 0, 'ArrowDown')).toBe(4)
  expect(walk(timeline, 1, 'ArrowDown')).toBe(5)
  expect(walk(timeline, 2, 'ArrowDown')).toBe(6)
  expect(walk(timeline, 6, 'ArrowUp')).toBe(2)
  expect(walk(timeline, 4, 'ArrowUp')).toBe(0)
  expect(walk(timeline, 3, 'ArrowUp')).toBe(3)
})

test('the last part of a long day has its line to itself, however few it holds', () => {
  const timeline = opened([1201, 1, 1], SHAPE, 3000)

  expect(timeline.blocks.map(({ span }) => Math.round(span))).toEqual([
    ...[SHAPE.width, SHAPE.width, SHAPE.width, 240, 240],
  ])
  expect(timeline.topOf(3)).toBeGreaterThan(timeline.topOf(2))
})

test('a day that stands alone at the end has all of its line', () => {
  const timeline = opened([40, 1], SHAPE, 3000)

  expect(timeline.blocks[1]?.span).toBe(SHAPE.width)
})

test('a very wide picture takes what it is drawn with', () => {
  const timeline = opened([1, 1], SHAPE, 3000)

  look(timeline, () => 10)

  expect(Math.round(timeline.blocks[1]?.left ?? 0)).toBe(3.2 * SHAPE.target + 28)
})

test('the arrows pass over a day that was emptied, to what is nearest', () => {
  const timeline = opened([40, 40, 40], SHAPE, 3000)
  look(timeline)
  timeline.remove(new Set(timeline.blocks[1]?.tiles?.id))
  const without = opened([40, 40], SHAPE, 3000)
  look(without)
  const numbers = Array.from({ length: 80 }, (_, at) => at)

  for (const key of ['ArrowDown', 'ArrowUp'] as const)
    expect(numbers.map((at) => walk(timeline, at, key))).toEqual(numbers.map((at) => walk(without, at, key)))
})

test('a frame takes in the pictures that it touches, in whichever day of a line', () => {
  const timeline = opened([1, 1, 1], SHAPE, 3000)
  look(timeline, () => 1.5)

  const found = within(timeline, 300, 60, 310, 70)

  expect(found.map(({ block, index }) => [block.day, index])).toEqual([[NEWEST - 1, 0]])
})
