import { describe, expect, test } from 'vitest'
import { layOut } from './justify'
import { loadsOf, whole, type Page } from './loader'
import { NEWEST, SHAPE, SQUARES, columnsOf, look, opened } from './samples'
import { BOX } from './timeline'
import { walk } from './walk'

/** A million pictures over 3,200 days, some of them long. */
const million = () => {
  const counts = Array.from({ length: 3200 }, (_, at) => (at % 100 === 7 ? 5000 : 265))
  const rest = 1_000_000 - counts.reduce((sum, count) => sum + count, 0)
  return [...counts, rest]
}

describe('rows', () => {
  test('are as wide as the page, and near the height that is wanted', () => {
    const layout = layOut(
      Float32Array.from({ length: 100 }, (_, at) => 0.6 + (at % 7) * 0.25),
      SHAPE,
      false,
    )

    for (let row = 0; row + 1 < layout.rowTop.length; row++) {
      const last = (layout.rowStart[row + 1] ?? 0) - 1
      expect((layout.left[last] ?? 0) + (layout.width[last] ?? 0)).toBeCloseTo(SHAPE.width, 1)
      expect(layout.rowHeight[row]).toBeLessThanOrEqual(SHAPE.target)
      expect(layout.rowHeight[row]).toBeGreaterThan(SHAPE.target * 0.6)
    }
  })

  test('keep the ratio of every picture', () => {
    const ratios = Float32Array.from([1.5, 0.75, 1, 1.8, 0.56])
    const { width, rowHeight } = layOut(ratios, { ...SHAPE, width: 5000 }, false)

    ratios.forEach((ratio, at) => expect((width[at] ?? 0) / (rowHeight[0] ?? 1)).toBeCloseTo(ratio, 4))
  })

  test('do not blow up a lonely picture, but fill the row where the day goes on', () => {
    const few = Float32Array.from({ length: 17 }, () => 1)

    const end = layOut(few, SHAPE, false)
    const middle = layOut(few, SHAPE, true)

    expect(end.rowHeight.at(-1)).toBe(SHAPE.target)
    const last = few.length - 1
    expect((middle.left[last] ?? 0) + (middle.width[last] ?? 0)).toBeCloseTo(SHAPE.width, 1)
    expect(Math.max(...middle.rowHeight)).toBeLessThan(SHAPE.target * 1.7)
  })

  test('of squares are three in a row, edge to edge', () => {
    const { left, width, rowStart, height } = layOut(new Float32Array(7).fill(2), SQUARES, false)

    expect([...rowStart]).toEqual([0, 3, 6, 7])
    expect((left[2] ?? 0) + (width[2] ?? 0)).toBeCloseTo(SQUARES.width, 3)
    expect(height).toBeCloseTo(3 * (128 + 3), 3)
  })
})

describe('a million pictures', () => {
  test('are higher than any browser allows, in a box that is not', () => {
    const timeline = opened(million())

    expect(timeline.total).toBe(1_000_000)
    expect(timeline.height).toBeGreaterThan(20_000_000)
    expect(timeline.boxHeight).toBe(BOX)
  })

  test('can be reached to the last by proportion and back again', () => {
    const timeline = opened(million())

    expect(timeline.fromBox(0)).toBe(0)
    expect(timeline.fromBox(timeline.maxBox)).toBe(timeline.maxLayout)
    for (const part of [0.1, 0.5, 0.999])
      expect(timeline.fromBox(timeline.toBox(part * timeline.maxLayout))).toBeCloseTo(
        part * timeline.maxLayout,
        3,
      )

    timeline.scrollTo(Infinity)
    for (let round = 0; round < 3; round++) look(timeline)
    const { rows } = timeline.window(timeline.layoutTop, timeline.layoutTop + timeline.viewport)
    const last = rows.at(-1)
    expect(last?.block).toBe(timeline.blocks.at(-1))
    expect(last?.row).toBe((last?.block.layout?.rowTop.length ?? 0) - 1)
    expect(timeline.layoutTop).toBe(timeline.maxLayout)
  })

  test('show few rows at a time, wherever one is', () => {
    const timeline = opened(million())

    for (const part of [0, 0.31, 0.77, 1]) {
      timeline.scrollTo(part * timeline.maxLayout)
      look(timeline)
      look(timeline)
      const { rows, missing } = timeline.window(timeline.layoutTop, timeline.layoutTop + timeline.viewport)
      expect(missing).toEqual([])
      expect(rows.length).toBeLessThan(12)
      const [first, last] = [rows[0], rows.at(-1)]
      expect(first?.y).toBeLessThanOrEqual(timeline.layoutTop)
      expect(last?.y).toBeGreaterThan(timeline.layoutTop + timeline.viewport - 250)
    }
  })

  test('leave memory when they are long unseen, and heights stay', () => {
    const timeline = opened(million())
    for (let step = 0; step < 400; step++) {
      timeline.scrollTo(step * 60_000)
      look(timeline)
    }
    const { loaded, height } = timeline
    expect(loaded).toBeGreaterThan(60_000)

    timeline.evict(60_000)

    expect(timeline.loaded).toBeLessThanOrEqual(60_000)
    expect(timeline.loaded).toBeGreaterThan(20_000)
    expect(timeline.height).toBe(height)
    const { missing } = timeline.window(timeline.layoutTop, timeline.layoutTop + timeline.viewport)
    expect(missing).toEqual([])
  })
})

describe('what turns out otherwise', () => {
  test('does not move what is seen', () => {
    const timeline = opened(Array.from({ length: 300 }, () => 50))
    timeline.scrollTo(0.5 * timeline.maxLayout)
    look(timeline)
    const anchor = timeline.anchorAt(timeline.layoutTop)
    expect(anchor.id).toBeDefined()
    const before = timeline.yOf(anchor) - timeline.layoutTop

    const above = timeline.blocks.slice(0, 40)
    for (const { blocks } of loadsOf(above, timeline.skipOf))
      timeline.put(
        blocks,
        columnsOf(blocks, () => 3),
      )

    expect(timeline.yOf(anchor) - timeline.layoutTop).toBeCloseTo(before, 3)
  })

  test('leaves somebody at the very end there', () => {
    const timeline = opened(Array.from({ length: 300 }, () => 50))
    timeline.scrollTo(Infinity)

    look(timeline, () => 0.5)

    expect(timeline.layoutTop).toBe(timeline.maxLayout)
  })

  test('keeps a picture under the pointer when rows become higher', () => {
    const timeline = opened(Array.from({ length: 100 }, () => 60))
    timeline.scrollTo(0.4 * timeline.maxLayout)
    look(timeline)
    const y = timeline.layoutTop + 300
    const anchor = timeline.anchorAt(y)

    timeline.reshape({ ...SHAPE, target: 320 }, timeline.viewport, y)

    expect(timeline.yOf(anchor) - timeline.layoutTop).toBeCloseTo(300, 2)
  })

  test('finds a place again before and after it is loaded', () => {
    const first = opened([5000, 300, 300])
    first.scrollTo(0.3 * first.maxLayout)
    look(first)
    const anchor = { ...first.anchorAt(first.layoutTop), id: undefined }

    const second = opened([5000, 300, 300])
    second.scrollTo(second.yOf(anchor))
    look(second)
    second.scrollTo(second.yOf(anchor))

    expect(second.anchorAt(second.layoutTop)).toMatchObject({ part: anchor.part, index: anchor.index })
  })
})

describe('a day that is very long', () => {
  test('is in parts, each loaded alone by how many come before it', () => {
    const timeline = opened([2000])

    expect(timeline.blocks.map(({ count }) => count)).toEqual([600, 600, 600, 200])
    const skips = () => loadsOf(timeline.blocks, timeline.skipOf).map(({ ask }) => ask.skip)
    expect(skips()).toEqual([0, 600, 1200, 1800])

    const [first] = timeline.blocks
    if (first) timeline.put([first], columnsOf([first]))
    timeline.remove(new Set([first?.tiles?.id[3] ?? '']))

    expect(skips()).toEqual([0, 599, 1199, 1799]) // else the picture at the border would be in no part
  })

  test('has one header, and no half rows where its parts meet', () => {
    const timeline = opened([2000])
    for (const block of timeline.blocks) timeline.put([block], columnsOf([block]))

    const { rows } = timeline.window(0, timeline.height)

    expect(rows.filter(({ row }) => row === -1)).toHaveLength(1)
    for (const block of timeline.blocks.slice(0, -1)) {
      const last = block.count - 1
      expect((block.layout?.left[last] ?? 0) + (block.layout?.width[last] ?? 0)).toBeCloseTo(1200, 1)
    }
  })
})

describe('what changes', () => {
  test('keeps days that stay as they are, and has others loaded again', () => {
    const timeline = opened([30, 40, 50], SHAPE, 3000)
    look(timeline)

    timeline.merge({ day: [NEWEST + 1, NEWEST, NEWEST - 2], count: [5, 31, 50], width: [7, 45, 75] })

    expect(timeline.blocks.map(({ day }) => day)).toEqual([NEWEST + 1, NEWEST, NEWEST - 2])
    expect(timeline.blocks.map(({ stale }) => stale)).toEqual([false, true, false])
    expect(timeline.window(0, 5000).missing.map(({ day }) => day)).toEqual([NEWEST + 1, NEWEST])
    look(timeline)
    expect(timeline.total).toBe(85)
  })

  test('is counted at once where it is not seen', () => {
    const timeline = opened([300, 300, 300])
    for (const block of timeline.blocks) timeline.put([block], columnsOf([block]))

    timeline.merge({ day: [NEWEST, NEWEST - 1, NEWEST - 2], count: [300, 300, 310], width: [450, 450, 465] })

    expect(timeline.total).toBe(910)
    expect(timeline.loaded).toBe(600)
  })

  test('is counted before it is shown', () => {
    const timeline = opened([30, 40])

    expect(
      timeline.growth({ day: [NEWEST + 1, NEWEST, NEWEST - 1], count: [3, 29, 45], width: [1, 1, 1] }),
    ).toBe(8)
  })

  test('takes pictures out and closes the gap', () => {
    const timeline = opened([10, 10])
    look(timeline)

    timeline.remove(new Set([`${NEWEST}-0`, `${NEWEST}-5`]))

    expect(timeline.total).toBe(18)
    expect(timeline.find(`${NEWEST}-5`, NEWEST)).toBeUndefined()
    expect(timeline.find(`${NEWEST}-9`, NEWEST)?.index).toBe(7)
    expect(timeline.loaded).toBe(18)
  })

  test('leaves nothing of a day without pictures', () => {
    const timeline = opened([2, 10])
    look(timeline)

    timeline.remove(new Set([`${NEWEST}-0`, `${NEWEST}-1`]))

    expect(timeline.window(0, 5000).rows[0]?.block.day).toBe(NEWEST - 1)
    expect(timeline.topOf(1)).toBe(0)
  })

  test('marks a favourite without another look', () => {
    const timeline = opened([10])
    look(timeline)

    expect(timeline.patch(`${NEWEST}-3`, NEWEST, { favourite: true })).toBe(true)

    expect(timeline.blocks[0]?.tiles?.favourite[3]).toBe(true)
    expect(timeline.patch('unknown', NEWEST, { favourite: true })).toBe(false)
  })
})

describe('the arrows', () => {
  test('lead sideways over days, and up and down to what is nearest', () => {
    const timeline = opened([20, 20])
    look(timeline)

    expect(walk(timeline, 19, 'ArrowRight')).toBe(20)
    expect(walk(timeline, 20, 'ArrowLeft')).toBe(19)
    expect(walk(timeline, 0, 'ArrowLeft')).toBe(0)
    expect(walk(timeline, 39, 'ArrowRight')).toBe(39)
    const below = walk(timeline, 2, 'ArrowDown')
    expect(below).toBeGreaterThan(2)
    expect(walk(timeline, below, 'ArrowUp')).toBe(2)
    expect(walk(timeline, 0, 'ArrowUp')).toBe(0)
  })

  test('lead to both ends of a million', () => {
    const timeline = opened(million())

    expect(walk(timeline, 5, 'End')).toBe(999_999)
    expect(timeline.spot(999_999)?.block).toBe(timeline.blocks.at(-1))
    expect(walk(timeline, 999_999, 'Home')).toBe(0)
    expect(timeline.spot(1_000_000)).toBeUndefined()
  })
})

test('days that were asked together are told apart', () => {
  const timeline = opened([10, 10, 10])
  const [first, ...rest] = timeline.blocks
  const columns = columnsOf([...(first ? [first] : []), ...rest.slice(1)])

  timeline.put(timeline.blocks, columns)

  expect(timeline.blocks.map(({ tiles }) => tiles?.id.length)).toEqual([10, 0, 10])
  expect(timeline.blocks[0]?.tiles?.stack.slice(0, 4)).toEqual(Uint16Array.from([3, 0, 0, 3]))
})

test('a span is fetched page by page to its end', async () => {
  const asked: (string | undefined)[] = []
  const fetch = (_: unknown, cursor: string | undefined): Promise<Page> => {
    asked.push(cursor)
    const page = columnsOf(opened([3]).blocks)
    return Promise.resolve({ ...page, next: asked.length < 3 ? `c${asked.length}` : null })
  }

  const ask = { newest: 1, oldest: 0, skip: 0, limit: 5000 }
  const columns = await whole(fetch, ask, new AbortController().signal)

  expect(asked).toEqual([undefined, 'c1', 'c2'])
  expect(columns.id).toHaveLength(9)
})
