/** Filters as rows of field, operator and value. The text is the same as that of searches. */
import { COMPARED, parse, write, type Condition, type Sign } from '../../words/query'

export const FIELDS = [
  'kind',
  'text',
  'author',
  'duration',
  'size',
  'width',
  'height',
  'ratio',
  'date',
  'platform',
  'host',
] as const
export type Field = (typeof FIELDS)[number]
export const KINDS = ['image', 'video', 'audio', 'document'] as const

/** `any` and `none` are of words; the others compare. */
export type Operator = 'any' | 'none' | '>=' | '<=' | '>' | '<' | '='

export interface Row {
  field: Field
  operator: Operator
  /** As it is typed: words with commas between them, or one number with its unit. */
  value: string
}

export const compares = (field: Field) => COMPARED.includes(field)
export const operatorsOf = (field: Field): Operator[] =>
  compares(field) ? ['>=', '<=', '>', '<', '='] : ['any', 'none']

/** The rows of a filter; null where it says what rows cannot show. */
export function rowsOf(filter: string): Row[] | null {
  const rows: Row[] = []
  for (const part of parse(filter)) {
    const more = part.type === 'condition' ? rowsOfCondition(part) : null
    if (more === null) return null
    rows.push(...more)
  }
  return rows
}

function rowsOfCondition({ name, not, sign, values }: Condition): Row[] | null {
  const field = FIELDS.find((one) => one === name)
  if (field === undefined) return null
  if (!compares(field)) {
    if (values.some((value) => value.includes(','))) return null
    return [{ field, operator: not ? 'none' : 'any', value: values.join(', ') }]
  }
  const [value = ''] = values
  if (not) return null
  const dots = value.indexOf('..')
  if (dots < 0) return [{ field, operator: sign === ':' ? '=' : sign, value }]
  const ends: [Sign, string][] = [
    ['>=', value.slice(0, dots)],
    ['<=', value.slice(dots + 2)],
  ]
  return ends.flatMap(([operator, end]) =>
    end === '' ? [] : [{ field, operator: operator as Operator, value: end }],
  )
}

export const partsOf = (value: string) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** The text of rows; those that still lack a value say nothing. */
export function filterOf(rows: readonly Row[]): string {
  return rows.flatMap((row) => textOf(row) ?? []).join(' ')
}

function textOf({ field, operator, value }: Row): string | null {
  if (compares(field)) {
    const told = value.replace(/\s+/g, '')
    return told === '' ? null : `${field}${operator}${told}`
  }
  const values = partsOf(value)
  return values.length === 0 ? null : write(field, values, { not: operator === 'none' })
}
