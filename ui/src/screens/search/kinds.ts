/** Kinds and the types below them as one tree of choices. */
import { valuesOf, withValues } from '../../words/queryEdits'

/** To which kind a type of content belongs. */
export function kindOf(type: string): string {
  const main = type.split('/')[0] ?? ''
  return main === 'image' || main === 'video' || main === 'audio' ? main : 'document'
}

/** What is chosen below each kind: all of it, or some types. */
export type Chosen = Map<string, 'all' | Set<string>>

export function chosenIn(q: string): Chosen {
  const chosen: Chosen = new Map()
  const types = valuesOf(q, 'type').map((type) => type.replace(/\/\*$/, ''))
  const kinds = valuesOf(q, 'kind')
  for (const type of types) {
    const kind = kindOf(type)
    if (kinds.length > 0 && !kinds.includes(kind)) continue
    if (!type.includes('/')) chosen.set(kind, 'all')
    else if (chosen.get(kind) !== 'all') chosen.set(kind, new Set(chosen.get(kind)).add(type))
  }
  if (types.length === 0) for (const kind of kinds) chosen.set(kind, 'all')
  return chosen
}

/** The search with another choice. Types take the place of kinds as soon as one kind is chosen in part. */
function withChosen(q: string, chosen: Chosen, types: readonly string[]): string {
  const parts = [...chosen].filter(([, one]) => one === 'all' || one.size > 0)
  if (parts.every(([, one]) => one === 'all'))
    return withValues(
      withValues(q, 'type', []),
      'kind',
      parts.map(([kind]) => kind),
    )
  const values = parts.flatMap(([kind, one]) => {
    if (one !== 'all') return [...one]
    return kind === 'document' ? types.filter((type) => kindOf(type) === kind) : [kind]
  })
  return withValues(withValues(q, 'kind', []), 'type', values)
}

/** Wants a whole kind, or no longer. `types` are all that exist. */
export function kindToggled(q: string, kind: string, types: readonly string[]): string {
  const chosen = chosenIn(q)
  if (chosen.get(kind) === 'all') chosen.delete(kind)
  else chosen.set(kind, 'all')
  return withChosen(q, chosen, types)
}

/** Wants one type, or no longer; all types of a kind together are the kind. */
export function typeToggled(q: string, type: string, types: readonly string[]): string {
  const chosen = chosenIn(q)
  const kind = kindOf(type)
  const siblings = types.filter((one) => kindOf(one) === kind)
  const old = chosen.get(kind)
  const now = new Set(old === 'all' ? siblings : old)
  if (now.has(type)) now.delete(type)
  else now.add(type)
  chosen.set(kind, siblings.length > 1 && siblings.every((one) => now.has(one)) ? 'all' : now)
  return withChosen(q, chosen, types)
}
