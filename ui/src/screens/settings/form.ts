/** Fields from JSON Schema: which control one needs, what was typed, and what is wrong with it. */

export type Value = string | number | boolean | null | readonly string[]

/** What stands in a control while it is edited: numbers are text until they are read. */
export type Raw = string | boolean | null | readonly string[]

/** The parts of JSON Schema that our settings use. */
export interface FieldSchema {
  type?: string
  anyOf?: FieldSchema[]
  enum?: string[]
  items?: FieldSchema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  /** A lower bound that could not be written as `minimum`, since the field has a form of its own. */
  ge?: number
  title?: string
  description?: string
  writeOnly?: boolean
}
export interface SectionSchema {
  description?: string
  properties: Record<string, FieldSchema>
}

export type Kind = 'switch' | 'whole' | 'number' | 'text' | 'choice' | 'list' | 'secret'
export interface Shape {
  kind: Kind
  /** It may have no value. */
  nullable: boolean
  min: number | null
  max: number | null
  shortest: number
  longest: number | null
  choices: readonly string[]
}

export function shapeOf(schema: FieldSchema): Shape {
  const options = schema.anyOf ?? [schema]
  const own = options.find((option) => option.type !== 'null') ?? schema
  return {
    kind: schema.writeOnly ? 'secret' : kindOf(own),
    nullable: options.some((option) => option.type === 'null'),
    min: own.minimum ?? own.ge ?? schema.minimum ?? schema.ge ?? null,
    max: own.maximum ?? schema.maximum ?? null,
    shortest: own.minLength ?? schema.minLength ?? 0,
    longest: own.maxLength ?? schema.maxLength ?? null,
    choices: own.enum ?? [],
  }
}

function kindOf({ type, enum: choices }: FieldSchema): Kind {
  if (choices) return 'choice'
  switch (type) {
    case 'boolean':
      return 'switch'
    case 'integer':
      return 'whole'
    case 'number':
      return 'number'
    case 'array':
      return 'list'
    default:
      return 'text'
  }
}

export type Fault =
  | { why: 'number' | 'whole' | 'empty' | 'choice' }
  | { why: 'low'; min: number }
  | { why: 'high'; max: number }
  | { why: 'between'; min: number; max: number }
  | { why: 'long'; longest: number }

export type Reading = { value: Value; fault: null } | { value: null; fault: Fault }

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'] as const
export type Size = (typeof SIZES)[number]
export const SIZE_NAMES: readonly Size[] = SIZES

/** Bytes as an amount of the largest unit that leaves a short number. */
export function splitSize(bytes: number): { amount: string; size: Size } {
  for (let step = SIZES.length - 1; step > 0; step -= 1) {
    const amount = bytes / 1000 ** step
    if (amount >= 1 && String(amount).length <= 6) return { amount: String(amount), size: SIZES[step] ?? 'B' }
  }
  return { amount: String(bytes), size: 'B' }
}

export function joinSize(amount: string, size: Size): string {
  return `${amount} ${size}`
}

/** What a value is in its control. */
export function rawOf(shape: Shape, value: Value, bytes: boolean): Raw {
  if (value === null || typeof value === 'boolean') return shape.kind === 'secret' ? '' : value
  if (typeof value === 'number') {
    if (!bytes) return String(value)
    const { amount, size } = splitSize(value)
    return joinSize(amount, size)
  }
  return value
}

/** What was typed as a value, or why it is none. */
export function read(shape: Shape, raw: Raw, bytes: boolean): Reading {
  if (raw === null) return { value: null, fault: null }
  if (typeof raw === 'boolean') return { value: raw, fault: null }
  if (typeof raw !== 'string') return { value: raw, fault: null }
  switch (shape.kind) {
    case 'whole':
    case 'number':
      return readNumber(shape, raw, bytes)
    case 'choice':
      return shape.choices.includes(raw)
        ? { value: raw, fault: null }
        : { value: null, fault: { why: 'choice' } }
    default:
      if (shape.longest !== null && raw.length > shape.longest)
        return { value: null, fault: { why: 'long', longest: shape.longest } }
      if (raw.length < shape.shortest) return { value: null, fault: { why: 'empty' } }
      return { value: raw, fault: null }
  }
}

function readNumber(shape: Shape, raw: string, bytes: boolean): Reading {
  const wrong = (fault: Fault): Reading => ({ value: null, fault })
  const [amount = '', size = 'B'] = bytes ? raw.trim().split(' ') : [raw.trim()]
  const plain = amount.replace(',', '.')
  if (!/^-?\d+(\.\d+)?$/.test(plain))
    return wrong({ why: shape.kind === 'whole' && !bytes ? 'whole' : 'number' })
  const factor = bytes ? 1000 ** Math.max(0, SIZES.indexOf(size as Size)) : 1
  const value = bytes ? Math.round(Number(plain) * factor) : Number(plain)
  if (shape.kind === 'whole' && !Number.isInteger(value)) return wrong({ why: 'whole' })
  const { min, max } = shape
  const outside = (min !== null && value < min) || (max !== null && value > max)
  if (!outside) return { value, fault: null }
  if (min !== null && max !== null) return wrong({ why: 'between', min, max })
  return wrong(min !== null && value < min ? { why: 'low', min } : { why: 'high', max: max ?? 0 })
}

export function same(one: Value | undefined, other: Value | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** Whether every word that is sought stands in one of the texts. */
export function matches(sought: string, ...texts: string[]): boolean {
  const all = texts.join(' ').toLocaleLowerCase()
  return sought
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}

/** The path that a template would give one post, for a look at it while it is typed. */
export function exampleOf(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)(?::([^}|]*))?(?:\|([^}]*))?\}/g, (whole, name: string, form?: string) => {
    if (name === 'date') return (form ?? '%Y-%m-%d').replace(/%(\w)/g, (_, code: string) => DATE[code] ?? '')
    if (name === 'index' && form) return (values.index ?? '1').padStart(Number(form) || 1, '0')
    return values[name] ?? whole
  })
}

const DATE: Readonly<Record<string, string>> = {
  Y: '2026',
  y: '26',
  m: '11',
  d: '22',
  H: '09',
  M: '41',
  S: '07',
  j: '326',
}
