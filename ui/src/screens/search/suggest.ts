/** What could be meant by what is being typed: names of conditions, then their values. */
import { NAMES, quote } from '../../words/query'
import type { Titles } from './titles'
import { CLOSED } from './words'

const MOST = 8

export interface Typing {
  /** Where the piece that is being typed begins. */
  at: number
  not: string
  /** The condition whose value is typed; null while it is a name or a word. */
  name: string | null
  piece: string
}

/** The last piece of a text, as far as it is typed. */
export function typingIn(text: string): Typing {
  const match = /(?:^|[\s(])(-?)(?:([a-z]+):)?([^\s"()]*)$/i.exec(text)
  if (match === null) return { at: text.length, not: '', name: null, piece: '' }
  const [, not = '', name, values = ''] = match
  const known = name !== undefined && (NAMES as readonly string[]).includes(name.toLowerCase())
  if (name !== undefined && !known) return { at: text.length, not: '', name: null, piece: '' }
  const piece = known ? values.slice(values.lastIndexOf(',') + 1) : values
  return {
    at: text.length - piece.length - (known ? 0 : not.length),
    not,
    name: known ? name.toLowerCase() : null,
    piece,
  }
}

export interface Suggestion {
  /** What takes the place of what was typed. */
  text: string
  kind: 'name' | 'value'
  name: string
  value: string
  count?: number | undefined
}

/** Names that begin so. */
export function namesFor({ not, piece }: Typing): Suggestion[] {
  const prefix = piece.toLowerCase()
  if (prefix === '') return []
  return NAMES.filter((name) => name.startsWith(prefix))
    .slice(0, MOST)
    .map((name) => ({ text: `${not}${name}:`, kind: 'name', name, value: '' }))
}

/** Values that begin so, or have it in them or in their title. */
export function valuesFor(
  { name, piece }: Typing,
  known: readonly { value: string; count: number }[],
  titles?: Titles,
): Suggestion[] {
  if (name === null) return []
  const letters = piece.toLowerCase()
  const others = (CLOSED[name] ?? []).filter((value) => !known.some((one) => one.value === value))
  return [...known, ...others.map((value) => ({ value, count: undefined }))]
    .filter(({ value }) =>
      [value, titles?.get(value) ?? ''].some((text) => text.toLowerCase().includes(letters)),
    )
    .toSorted(
      (a, b) =>
        Number(b.value.toLowerCase().startsWith(letters)) - Number(a.value.toLowerCase().startsWith(letters)),
    )
    .slice(0, MOST)
    .map(({ value, count }) => ({ text: `${quote(value)} `, kind: 'value', name, value, count }))
}
