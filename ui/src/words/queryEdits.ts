/** Changes of a search, as pickers and facets make them. Each gives the new text. */
import {
  COMPARED,
  FILTER_NAMES,
  format,
  leaves,
  parse,
  quote,
  write,
  type Condition,
  type Part,
} from './query'

const is =
  (name: string, not: boolean) =>
  (part: Part): part is Condition =>
    part.type === 'condition' && part.name === name && part.not === not

/** The values that a search wants of a name, or with `not` those that it leaves out. */
export function valuesOf(q: string, name: string, not = false): string[] {
  return parse(q)
    .filter(is(name, not))
    .flatMap((part) => part.values.map(folded(name)))
}

/** Platforms and the closed sets are the same in upper and lower case. */
const folded = (name: string) => (value: string) =>
  name === 'author' ? value.replace(/^@/, '').toLowerCase() : name === 'text' ? value : value.toLowerCase()

/** The search without any condition of a name, wanted or left out. */
export function without(q: string, name: string): string {
  return format(parse(q).filter((part) => !(part.type === 'condition' && part.name === name)))
}

/** The search without its part at a place. */
export function withoutPart(q: string, place: number): string {
  return format(parse(q).filter((_, index) => index !== place))
}

/** The search with another text in the place of a part. */
export function withPart(q: string, place: number, text: string): string {
  const parts = parse(q)
  const old = parts[place]
  if (old === undefined) return q
  return format(parts.map((part) => (part === old ? { type: typeOf(text), raw: text } : part)))
}

const typeOf = (text: string) => parse(text)[0]?.type ?? 'broken'

/** The search with these values of a name and no others, in the place of the old ones. */
export function withValues(q: string, name: string, values: readonly string[], not = false): string {
  const parts = parse(q)
  const place = parts.findIndex(is(name, not))
  const rest: Part[] = parts.filter((part) => !is(name, not)(part))
  if (values.length === 0) return format(rest)
  const told: Part[] = parse(write(name, values, { not }))
  rest.splice(place < 0 ? rest.length : place, 0, ...told)
  return joined(rest, place < 0 ? told : [])
}

/** What is new goes before the words, so that the last word stays the one that is being typed. */
function joined(parts: Part[], added: Part[]): string {
  const old = parts.filter((part) => !added.includes(part))
  const words = old.findIndex((part) => part.type === 'word')
  const place = words < 0 ? old.length : words
  return format([...old.slice(0, place), ...added, ...old.slice(place)])
}

/** Wants a value, or no longer; what was left out of it is wanted then. */
export function toggled(q: string, name: string, value: string): string {
  const cleared = withValues(
    q,
    name,
    valuesOf(q, name, true).filter((one) => one !== value),
    true,
  )
  const wanted = valuesOf(cleared, name)
  return withValues(
    cleared,
    name,
    wanted.includes(value) ? wanted.filter((one) => one !== value) : [...wanted, value],
  )
}

/** Leaves a value out, or no longer. */
export function leftOut(q: string, name: string, value: string): string {
  const cleared = withValues(
    q,
    name,
    valuesOf(q, name).filter((one) => one !== value),
  )
  const out = valuesOf(cleared, name, true)
  return withValues(
    cleared,
    name,
    out.includes(value) ? out.filter((one) => one !== value) : [...out, value],
    true,
  )
}

export interface Range {
  from: string
  to: string
}

/** What a condition spans: `2023..2024`, `>=2MB`, `=2024-03` (from and to are the same). */
export function rangeOf({ sign, values }: Condition): Range {
  const value = values[0] ?? ''
  const dots = value.indexOf('..')
  if (dots >= 0) return { from: value.slice(0, dots), to: value.slice(dots + 2) }
  if (sign.startsWith('>')) return { from: value, to: '' }
  if (sign.startsWith('<')) return { from: '', to: value }
  return { from: value, to: value }
}

/** What a search spans of a name: the narrowest of its conditions. */
export function rangeIn(q: string, name: string): Range {
  const found = parse(q).filter(is(name, false)).map(rangeOf)
  return {
    from: found.map((one) => one.from).findLast((one) => one !== '') ?? '',
    to: found.map((one) => one.to).findLast((one) => one !== '') ?? '',
  }
}

/** The search with this range of a name, open where it is empty; without any if it is open at both ends. */
export function withRange(q: string, name: string, { from, to }: Range): string {
  if (from === '' && to === '') return without(q, name)
  const text =
    from === to
      ? `${name}:${from}`
      : to === ''
        ? `${name}>=${from}`
        : from === ''
          ? `${name}<=${to}`
          : `${name}:${from}..${to}`
  const parts = parse(q).filter((part) => !is(name, false)(part))
  return joined([...parts], parse(text))
}

/** What a search is as a filter of a subscription, and the parts that no filter can ask. */
export function asFilter(q: string): { filter: string; left: string[] } {
  const kept: Part[] = []
  const left: string[] = []
  for (const part of parse(q)) {
    const inside = leaves(part)
    const fits = inside.every(
      (leaf) => leaf.type === 'word' || (FILTER_NAMES as readonly string[]).includes(leaf.name),
    )
    if (part.type === 'word' && /[\p{L}\p{N}]/u.test(part.text))
      kept.push({ ...part, raw: `${part.not ? '-' : ''}text:${quote(part.text)}` })
    else if (fits && inside.length > 0 && inside.every((leaf) => leaf.type === 'condition')) kept.push(part)
    else left.push(part.raw)
  }
  return { filter: format(kept), left }
}

/** Whether a name's values compare. */
export const compares = (name: string) => COMPARED.includes(name)
