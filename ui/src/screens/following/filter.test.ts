import { describe, expect, it } from 'vitest'
import { filterOf, rowsOf } from './filter'

describe('rows of a filter', () => {
  it('are its conditions, and give the same text', () => {
    const filter = 'kind:image,video duration<=10m -text:#ad,"free gift" size<50MB'
    const rows = rowsOf(filter)
    expect(rows).toEqual([
      { field: 'kind', operator: 'any', value: 'image, video' },
      { field: 'duration', operator: '<=', value: '10m' },
      { field: 'text', operator: 'none', value: '#ad, free gift' },
      { field: 'size', operator: '<', value: '50MB' },
    ])
    expect(filterOf(rows ?? [])).toBe(filter)
  })

  it('show a range as two', () => {
    expect(rowsOf('date:2023..2024-06')).toEqual([
      { field: 'date', operator: '>=', value: '2023' },
      { field: 'date', operator: '<=', value: '2024-06' },
    ])
    expect(rowsOf('width:800..')).toEqual([{ field: 'width', operator: '>=', value: '800' }])
  })

  it.each([
    'kind:image | size<1MB',
    '(kind:image)',
    '-size>5MB',
    'sunset',
    'tag:sea',
    'kind:',
    'text:"a, b"',
  ])('cannot show %s', (filter) => expect(rowsOf(filter)).toBeNull())

  it('say nothing without a value', () => {
    expect(
      filterOf([
        { field: 'kind', operator: 'any', value: ' , ' },
        { field: 'size', operator: '<', value: '50 MB' },
      ]),
    ).toBe('size<50MB')
  })

  it('are none for no filter', () => expect(rowsOf('')).toEqual([]))
})
