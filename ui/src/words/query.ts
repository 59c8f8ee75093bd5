/**
 * The language of searches, read as a person sees it: conditions become tokens, words stay words.
 *
 * The text is the truth. A part keeps the text that it was read from, so what nobody changes is given back
 * letter by letter; what cannot be read stays as it is, and the server says what is wrong with it.
 */

export type Sign = ':' | '=' | '>' | '>=' | '<' | '<='

export interface Condition {
  type: 'condition'
  raw: string
  not: boolean
  name: string
  sign: Sign
  values: string[]
}
export interface Word {
  type: 'word'
  raw: string
  not: boolean
  text: string
}
/** Parentheses, or alternatives: shown as one, and changed as text. */
export interface Group {
  type: 'group'
  raw: string
  not: boolean
  inside: (Condition | Word)[]
}
/** What cannot be read as a search (yet): somebody may still be typing it. */
export interface Broken {
  type: 'broken'
  raw: string
  not: false
}
export type Part = Condition | Word | Group | Broken

/** What a filter of a subscription can ask; the rest only the library knows. */
export const FILTER_NAMES = [
  'author',
  'date',
  'duration',
  'height',
  'host',
  'kind',
  'platform',
  'ratio',
  'size',
  'text',
  'width',
] as const
export const NAMES = [
  ...FILTER_NAMES,
  'added',
  'file',
  'is',
  'reason',
  'source',
  'state',
  'tag',
  'type',
] as const
/** Whether a condition has this name. */
export const isName = (name: string) => (NAMES as readonly string[]).includes(name)
/** Names whose values compare; all others are words. */
export const COMPARED: readonly string[] = ['added', 'date', 'duration', 'height', 'ratio', 'size', 'width']

const HEAD = /([\p{L}_][\p{L}\p{N}_]*)\s*(>=|<=|[:=<>])\s*/uy
const FURTHER = /(>=|<=|[=<>])\s*/y
const WORD = /[^\s"|,()]+/y
const QUOTED = /"((?:[^"\\]|\\["\\])*)"/y
const LOOSE = /[\s,]*/y
const SPACE = /\s*/y
const PLAIN = /^[^\s"|,()*\\-][^\s"|,()*]*$/

class Unreadable extends Error {}

class Reader {
  at = 0
  constructor(readonly text: string) {}

  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at = pattern.lastIndex
    return found
  }
  /** Whether anything is left behind blanks and loose commas. */
  more() {
    this.match(LOOSE)
    return this.at < this.text.length
  }
  peek() {
    return this.text.charAt(this.at)
  }

  one(): Part {
    const start = this.at
    let not = false
    while (this.peek() === '-') {
      this.at++
      this.match(LOOSE)
      not = !not
    }
    const part = this.peek() === '(' ? this.group() : (this.condition() ?? this.word())
    return { ...part, not, raw: this.text.slice(start, this.at) }
  }

  group(): Group {
    const inside: (Condition | Word)[] = []
    this.at++
    for (;;) {
      if (!this.more()) throw new Unreadable()
      if (this.peek() === ')') break
      if (this.peek() === '|') {
        this.at++
        continue
      }
      inside.push(...leaves(this.one()))
    }
    this.at++
    return { type: 'group', raw: '', not: false, inside }
  }

  condition(): Condition | null {
    const start = this.at
    const head = this.match(HEAD)
    if (head === null) return null
    const name = (head[1] ?? '').toLowerCase()
    if (!isName(name)) {
      this.at = start // words, to the server as well
      return null
    }
    let sign = head[2] as Sign
    if (sign === ':') sign = (this.match(FURTHER)?.[1] as Sign | undefined) ?? ':'
    const values = [this.value()]
    while (!COMPARED.includes(name) && (this.peek() === ',' || this.peek() === '|')) {
      const before = this.at
      this.at++
      this.match(SPACE)
      const bar = this.text[before] === '|'
      if (bar && (this.match(HEAD) !== null || '-('.includes(this.peek()))) {
        this.at = before
        break
      }
      values.push(this.value())
    }
    return { type: 'condition', raw: '', not: false, name, sign, values: [...new Set(values)] }
  }

  word(): Word {
    const quoted = this.match(QUOTED)
    if (quoted) {
      if (this.peek() === '*') this.at++
      return { type: 'word', raw: '', not: false, text: unescaped(quoted[1] ?? '') }
    }
    const word = this.match(WORD)
    if (word === null) throw new Unreadable()
    return { type: 'word', raw: '', not: false, text: word[0].replace(/\*+$/, '') }
  }

  value(): string {
    const quoted = this.match(QUOTED)
    if (quoted) return unescaped(quoted[1] ?? '')
    const word = this.match(WORD)
    if (word === null) throw new Unreadable()
    return word[0]
  }
}

const unescaped = (text: string) => text.replace(/\\(.)/g, '$1')

/** The conditions and words of a part, whatever they stand in. */
export function leaves(part: Part): (Condition | Word)[] {
  if (part.type === 'group') return part.inside
  return part.type === 'broken' ? [] : [part]
}

/** Reads a search: its parts, all of which must hold. With a `|` between them they are one group. */
export function parse(text: string): Part[] {
  const reader = new Reader(text)
  const parts: Part[] = []
  let start = 0
  try {
    let alternatives = false
    while (reader.more()) {
      start = reader.at
      if (reader.peek() === '|') {
        alternatives = true
        reader.at++
        if (!reader.more()) throw new Unreadable()
      } else parts.push(reader.one())
    }
    if (!alternatives) return parts
    return [{ type: 'group', raw: text.trim(), not: false, inside: parts.flatMap(leaves) }]
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return [...parts, { type: 'broken', raw: text.slice(start).trim(), not: false }]
  }
}

/** A word as it is, anything else between quotation marks. */
export function quote(value: string): string {
  if (PLAIN.test(value) && !'<>=:'.includes(value.charAt(0)) && !value.includes('..')) return value
  return `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`
}

/** The text of a condition. A value of what compares is written as it is: `2MB`, `2024..2025`. */
export function write(name: string, values: readonly string[], { not = false, sign = ':' } = {}): string {
  const told = COMPARED.includes(name) ? values.join('') : values.map(quote).join(',')
  return `${not ? '-' : ''}${name}${sign}${told}`
}

/** Joins parts to a search. Alternatives beside others need parentheses, or they would mean more. */
export function format(parts: readonly Pick<Part, 'raw' | 'type'>[]): string {
  if (parts.length < 2) return parts[0]?.raw ?? ''
  return parts
    .map(({ raw, type }) =>
      type === 'group' && parse(raw)[0]?.raw === raw && isBare(raw) ? `(${raw})` : raw,
    )
    .join(' ')
}

/** Whether alternatives stand without parentheses of their own. */
function isBare(raw: string): boolean {
  const reader = new Reader(raw)
  reader.one()
  return reader.more()
}
