import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { KEYS, shownOf } from './keymap'

const SRC = fileURLToPath(new URL('..', import.meta.url))

/** Everything that hears keys of the whole page. That it hears no others is seen to by the type of them. */
const hearing = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /(?<!test)\.tsx?$/.test(name) && !name.startsWith('shell/keys.'))
  .map((name) => readFileSync(join(SRC, name), 'utf8'))
  .filter((text) => text.includes('useKeys('))
  .join('\n')

test.each(KEYS.flatMap(({ rows }) => rows.flatMap(({ ways }) => [...ways])))(
  'the key “%s” of the map is heard somewhere',
  (way) => {
    const name = way.replace(/[.?+/]/g, '\\$&')
    const quoted = new RegExp(`'${name}'`)
    const bare = new RegExp(`(?:^|[{,])\\s*${name}: `, 'm')

    expect(quoted.test(hearing) || (/^\w+$/.test(way) && bare.test(hearing))).toBe(true)
  },
)

test('keys are shown as they are written on keyboards', () => {
  expect(shownOf('Ctrl+k')).toEqual([['Ctrl', 'K']])
  expect(shownOf('g h')).toEqual([['G'], ['H']])
  expect(shownOf('Shift+ArrowLeft')).toEqual([['Shift', '←']])
  expect(shownOf('+')).toEqual([['+']])
  expect(shownOf(' ')).toEqual([['Space']])
})
