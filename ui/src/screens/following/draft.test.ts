import { describe, expect, it } from 'vitest'
import { resume, type Draft } from './draft'
import { USUAL } from './schedule'

const timing = USUAL('6h')
const draft: Draft = { title: 'Ada', timing, filter: '', limit: '', login: null }
const base = { draft, etag: '"1"' }
const of = (more: Partial<Draft>, etag = '"2"') => ({ draft: { ...draft, ...more }, etag })
const kept = (parts: Partial<Draft>) => JSON.parse(JSON.stringify({ base, parts })) as unknown

describe('work that is taken up again', () => {
  it('goes on where nobody was at it', () => {
    expect(resume(kept({ title: 'Mine' }), base)).toEqual({
      base,
      draft: { ...draft, title: 'Mine' },
      theirs: null,
    })
  })

  it('takes over what others have changed besides', () => {
    const now = of({ limit: '7', timing: { ...timing, every: '1d' } })
    expect(resume(kept({ title: 'Mine' }), now)).toEqual({
      base: now,
      draft: { ...now.draft, title: 'Mine' },
      theirs: null,
    })
  })

  it('stands against what others have made of the same, and says how that stands', () => {
    const now = of({ title: 'Theirs', limit: '7' })
    expect(resume(kept({ title: 'Mine' }), now)).toEqual({
      base,
      draft: { ...draft, title: 'Mine' },
      theirs: now,
    })
  })

  it.each([
    null,
    7,
    'text',
    {},
    { parts: {} },
    { title: 'Mine' },
    { base: {}, parts: {} },
    { base, parts: { filter: 7 } },
  ])('is none in %j', (told) => expect(resume(told, base)).toBeNull())
})
