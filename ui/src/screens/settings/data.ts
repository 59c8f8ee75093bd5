/** The settings as the server tells them, and what saving them is. */
import type { MessageDescriptor } from '@lingui/core'
import { queryOptions } from '@tanstack/react-query'
import { api, Problem, take, takeVersioned, type Schemas } from '../../api/client'
import { queries } from '../../queries'
import type { Change, Draft, Key } from './draft'
import { read, same, shapeOf, type FieldSchema, type SectionSchema, type Shape, type Value } from './form'
import { fieldOf, SECTIONS } from './words'

export type View = Schemas['SectionView']
export type All = Schemas['Sections']

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => take(api.GET('/api/v1/settings')),
})

export const schemasQuery = queryOptions({
  queryKey: ['settings-schemas'],
  staleTime: Infinity,
  queryFn: async () => {
    const { sections } = await queries.query({ ...settingsQuery, staleTime: 60_000 })
    const schemas = await Promise.all(
      sections.map(({ section }) =>
        take(api.GET('/api/v1/settings/{section}/schema', { params: { path: { section } } })),
      ),
    )
    return new Map(sections.map(({ section }, at) => [section, schemas[at] as unknown as SectionSchema]))
  },
})

export interface Field {
  key: Key
  section: string
  name: string
  schema: FieldSchema
  shape: Shape
  value: Value
  standard: Value
  /** The variable of the environment that sets it. */
  locked: string | null
  bytes: boolean
  secret: boolean
  label: MessageDescriptor
}

/** The sections in the order in which they are shown; what is new here stands at the end. */
export function inOrder(sections: readonly View[]): View[] {
  const rank = ({ section }: View) => {
    const at = SECTIONS.findIndex(({ name }) => name === section)
    return at < 0 ? SECTIONS.length : at
  }
  return [...sections].sort((one, other) => rank(one) - rank(other))
}

export function fieldsOf(view: View, schema: SectionSchema | undefined): Field[] {
  return Object.entries(schema?.properties ?? {}).map(([name, part]) => {
    const key: Key = `${view.section}.${name}`
    const shape = shapeOf(part)
    const words = fieldOf(key, part)
    return {
      key,
      section: view.section,
      name,
      schema: part,
      shape,
      value: (view.values[name] ?? null) as Value,
      standard: (view.defaults[name] ?? null) as Value,
      locked: view.locked[name] ?? null,
      bytes: words.unit === 'bytes',
      secret: shape.kind === 'secret',
      label: words.label,
    }
  })
}

export interface Pending {
  field: Field
  change: Change
  reading: ReturnType<typeof read>
  /** What stands there now, where somebody else has changed it since. */
  meanwhile: boolean
}

/** The changes that differ from what stands, in the order of the fields. */
export function pendingOf(fields: readonly Field[], draft: Draft): Pending[] {
  return fields.flatMap((field) => {
    const change = draft.get(field.key)
    if (change === undefined || field.locked !== null) return []
    const reading = read(field.shape, change.raw, field.bytes)
    const unchanged = !field.secret && reading.fault === null && same(reading.value, field.value)
    if (unchanged || (field.secret && change.raw === '' && !field.value)) return []
    return [{ field, change, reading, meanwhile: !same(change.base, field.value) }]
  })
}

export function lookAt(section: string) {
  return takeVersioned(api.GET('/api/v1/settings/{section}', { params: { path: { section } } }))
}

/** Sends the changes of one section; refused if it is not as `etag` tells any more. */
export async function patch(section: string, changes: Record<string, unknown>, etag: string | null) {
  const { value } = await takeVersioned(
    api.PATCH('/api/v1/settings/{section}', {
      params: {
        path: { section },
        header: etag === null ? {} : { 'if-match': etag },
      },
      body: changes,
    }),
  )
  remember(value)
  return value
}

function remember(view: View) {
  const { queryKey } = settingsQuery
  void queries.cancelQueries({ queryKey }) // what was asked before the change may be told after it
  queries.setQueryData(
    queryKey,
    (all: All | undefined) =>
      all && { ...all, sections: all.sections.map((one) => (one.section === view.section ? view : one)) },
  )
  void queries.invalidateQueries({ queryKey })
}

export function isStale(error: unknown) {
  return error instanceof Problem && error.status === 412
}
