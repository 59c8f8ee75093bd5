import { describe, expect, test } from 'vitest'
import { format, parse, quote, write } from './query'
import {
  asFilter,
  leftOut,
  rangeIn,
  toggled,
  valuesOf,
  withPart,
  withRange,
  withValues,
  without,
  withoutPart,
} from './queryEdits'

const read = (text: string) =>
  parse(text).map((part) =>
    part.type === 'condition'
      ? `${part.not ? 'not ' : ''}${part.name} ${part.sign} ${part.values.join('+')}`
      : part.type === 'word'
        ? `${part.not ? 'not ' : ''}"${part.text}"`
        : `${part.not ? 'not ' : ''}${part.type} ${part.raw}`,
  )

describe('reading', () => {
  test.each([
    ['', []],
    ['   ', []],
    ['sunset beach', ['"sunset"', '"beach"']],
    ['sunset kind:video date:2024 -is:gone', ['"sunset"', 'kind : video', 'date : 2024', 'not is : gone']],
    ['from:ada -kynd:image', ['"from:ada"', 'not "kynd:image"']],
    ['"golden hour"', ['"golden hour"']],
    ['sun* "golden h"*', ['"sun"', '"golden h"']],
    ['kind:image,video', ['kind : image+video']],
    ['kind:image, video', ['kind : image+video']],
    ['kind:image|video', ['kind : image+video']],
    ['tag:"sunset beach",sea', ['tag : sunset beach+sea']],
    ['tag:"say \\"hi\\"",a', ['tag : say "hi"+a']],
    ['size>50MB', ['size > 50MB']],
    ['size:>=50MB', ['size >= 50MB']],
    ['size >= 50MB', ['size >= 50MB']],
    ['ratio>=16:9', ['ratio >= 16:9']],
    ['date:2023..2024-06', ['date : 2023..2024-06']],
    ['type:video/*', ['type : video/*']],
    ['KIND:video', ['kind : video']],
    ['-platform:reddit -fog', ['not platform : reddit', 'not "fog"']],
    ['a, b', ['"a"', '"b"']],
    ['(kind:video duration<2m) state:failed', ['group (kind:video duration<2m)', 'state : failed']],
    ['-(kind:video | fog) x', ['not group -(kind:video | fog)', '"x"']],
    ['(kind:video duration<2m) | is:favourite', ['group (kind:video duration<2m) | is:favourite']],
    ['kind:video | kind:image', ['group kind:video | kind:image']],
    ['kind:image|-tag:a', ['group kind:image|-tag:a']],
  ])('%s', (text, parts) => {
    expect(read(text)).toEqual(parts)
  })

  test.each(['kind:', 'beach "gold', '(kind:video', 'kind:video |', 'a )', 'tag:"', '-'])(
    'what is not complete stays as it is: %s',
    (text) => {
      const parts = parse(text)
      expect(parts.at(-1)?.type).toBe('broken')
      expect(format(parts)).toBe(text)
    },
  )
})

describe('writing', () => {
  test.each([
    'sunset kind:video date:2024 -is:gone',
    '"golden hour" sun*',
    'tag:"sunset beach",sea -(a | kind:video) size>=2MB',
    '(kind:video duration<2m) | is:favourite',
  ])('what nobody changes is given back: %s', (text) => {
    expect(format(parse(text))).toBe(text)
  })

  test('alternatives get parentheses once something stands beside them', () => {
    expect(withValues('kind:video | fog', 'tag', ['sea'])).toBe('(kind:video | fog) tag:sea')
    expect(withValues('(a | b)', 'tag', ['sea'])).toBe('(a | b) tag:sea')
    expect(withValues('(a | b) | c', 'tag', ['sea'])).toBe('((a | b) | c) tag:sea')
  })

  test.each([
    ['beach', 'beach'],
    ['golden hour', '"golden hour"'],
    ['a,b', '"a,b"'],
    ['-x', '"-x"'],
    ['>5', '">5"'],
    ['a..b', '"a..b"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['back\\slash', 'back\\slash'],
    ['\\', '"\\\\"'],
    ['sun*', '"sun*"'],
    ['', '""'],
  ])('a value is quoted where it must be: %s', (value, told) => {
    expect(quote(value)).toBe(told)
    if (value) expect(parse(write('tag', [value]))).toMatchObject([{ values: [value] }])
  })
})

describe('changing', () => {
  test('values come, go, and keep their place', () => {
    expect(toggled('', 'kind', 'video')).toBe('kind:video')
    expect(toggled('fog', 'kind', 'video')).toBe('kind:video fog')
    expect(toggled('kind:video tag:a', 'kind', 'image')).toBe('kind:video,image tag:a')
    expect(toggled('kind:video,image tag:a', 'kind', 'video')).toBe('kind:image tag:a')
    expect(toggled('kind:video tag:a', 'kind', 'video')).toBe('tag:a')
  })

  test('what is left out is not wanted at the same time', () => {
    expect(leftOut('platform:reddit', 'platform', 'reddit')).toBe('-platform:reddit')
    expect(toggled('-platform:reddit,x fog', 'platform', 'reddit')).toBe('-platform:x platform:reddit fog')
    expect(leftOut('-platform:reddit', 'platform', 'reddit')).toBe('')
  })

  test('names of authors are the same with and without @', () => {
    expect(valuesOf('author:@Ada', 'author')).toEqual(['ada'])
  })

  test('a range is written as short as it can be', () => {
    expect(withRange('', 'date', { from: '2024-01-01', to: '2024-02-01' })).toBe(
      'date:2024-01-01..2024-02-01',
    )
    expect(withRange('fog', 'size', { from: '2MB', to: '' })).toBe('size>=2MB fog')
    expect(withRange('size>=2MB', 'size', { from: '', to: '5MB' })).toBe('size<=5MB')
    expect(withRange('date>2023 date<2024', 'date', { from: '2024', to: '2024' })).toBe('date:2024')
    expect(withRange('date:2024 a', 'date', { from: '', to: '' })).toBe('a')
  })

  test('a range is read from any way of writing it', () => {
    expect(rangeIn('size>=2MB size<5MB', 'size')).toEqual({ from: '2MB', to: '5MB' })
    expect(rangeIn('date:2023..', 'date')).toEqual({ from: '2023', to: '' })
    expect(rangeIn('date:2024-03', 'date')).toEqual({ from: '2024-03', to: '2024-03' })
    expect(rangeIn('-date:2024', 'date')).toEqual({ from: '', to: '' })
  })

  test('parts are dropped and replaced', () => {
    expect(withoutPart('a kind:video b', 1)).toBe('a b')
    expect(withPart('a kind:video b', 1, 'kind:image')).toBe('a kind:image b')
    expect(without('a -kind:video kind:image b', 'kind')).toBe('a b')
  })

  test('a filter has what a platform can tell; words become texts', () => {
    expect(asFilter('golden kind:video -fog tag:sea size<5MB is:gone')).toEqual({
      filter: 'text:golden kind:video -text:fog size<5MB',
      left: ['tag:sea', 'is:gone'],
    })
    expect(asFilter('"golden hour"').filter).toBe('text:"golden hour"')
    expect(asFilter('(kind:video | size>5MB) (tag:a | kind:image)')).toEqual({
      filter: '(kind:video | size>5MB)',
      left: ['(tag:a | kind:image)'],
    })
  })
})
