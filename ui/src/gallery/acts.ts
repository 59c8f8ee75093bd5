/** What is done to pictures at once: shown in the same frame, sent, and taken back where it is refused. */
import type { ReactNode } from 'react'
import { api, take, type Schemas } from '../api/client'
import { queries } from '../queries'
import { ending, type Decision } from '../shell/ending'
import { begin, decided, doing, trouble } from '../shell/undo'
import { bucketsKey } from './data'
import { itemOf, type Desk } from './desk'
import type { Hold } from './own'

export type Edit = Schemas['EditMedia']
export type Action = Edit | Schemas['TrashMedia']
export type Preview = Schemas['BatchPreview']

/** Which pictures: by number, or all that a search finds. */
export type Which = { ids: string[] } | { query: string }

/** From so many on, one is told what would become of them first. */
export const MANY = 500

export const edit = (change: Partial<Edit>): Edit => ({
  kind: 'edit',
  shift_date: 0,
  tags_add: [],
  tags_remove: [],
  ...change,
})
export const trash: Action = { kind: 'trash', why: '' }

/** What is selected; without a selection the picture that has the focus: nothing that nobody sees. */
export function whichOf(desk: Desk, q: string): Which | null {
  if (desk.selection.everything) return { query: q }
  if (!desk.selection.isEmpty) return { ids: desk.selection.ids }
  return desk.active ? { ids: [itemOf(desk.active).id] } : null
}

const bodyOf = (which: Which, action: Action, preview: boolean) => ({
  action,
  preview,
  ...('ids' in which ? { ids: which.ids.map(Number) } : which),
})

export async function previewOf(which: Which, action: Action): Promise<Preview> {
  return (await take(api.POST('/api/v1/media/batch', { body: bodyOf(which, action, true) }))) as Preview
}

/** One picture is changed at its own address, which may be called ten times as often as that for many. */
async function send(which: Which, action: Action): Promise<Decision> {
  const only = 'ids' in which && which.ids.length === 1 ? Number(which.ids[0]) : null
  if (only === null || ('shift_date' in action && action.shift_date !== 0))
    return (await take(api.POST('/api/v1/media/batch', { body: bodyOf(which, action, false) }))) as Decision
  const params = { path: { media_id: only } }
  if (action.kind === 'trash') return take(api.POST('/api/v1/media/{media_id}/trash', { params }))
  return take(api.PATCH('/api/v1/media/{media_id}', { params, body: changesOf(action) }))
}

/** What an edit changes: what is not sent stays as it is. */
export function changesOf(edit: Edit) {
  const changes = Object.entries(edit).filter(
    ([name, value]) =>
      !['kind', 'shift_date'].includes(name) && !(Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(changes) as unknown as Schemas['MediaEdit']
}

/** Does it. `said` says in the end what was done to how many. */
export function act(...given: Parameters<typeof carryOut>): Promise<void> {
  return doing(carryOut(...given))
}

async function carryOut(
  desk: Desk,
  q: string,
  which: Which,
  action: Action,
  said: (count: number) => ReactNode,
): Promise<void> {
  const turn = begin()
  const hold = 'ids' in which ? shown(desk, new Set(which.ids), action) : undefined
  if (action.kind === 'trash') desk.selection.clear()
  try {
    const ended = await ending(await send(which, action))
    hold?.made()
    decided(said(ended.done), ended, turn, () => {
      hold?.over()
      takenBack(desk, which, action)
    })
    if (ended.left > 0 || 'query' in which || 'date' in action) settle(desk, q)
  } catch (error) {
    hold?.failed()
    settle(desk, q)
    trouble(error)
  }
}

/** Shows what will be. */
function shown(desk: Desk, ids: ReadonlySet<string>, action: Action): Hold | undefined {
  if (action.kind === 'trash')
    desk.remove(ids, { follow: document.activeElement?.closest('.gallery') != null })
  else if (action.favourite != null) return desk.controller.favour(ids, action.favourite)
  return undefined
}

/** What is taken back out of the bin comes to where it was, and nobody has to ask for it. */
function takenBack(desk: Desk, which: Which, action: Action) {
  if (action.kind === 'trash' && 'ids' in which) for (const id of which.ids) desk.returning.add(id)
}

/** Has everything asked for anew, without a jump. */
function settle(desk: Desk, q: string) {
  desk.controller.touch()
  void queries.invalidateQueries({ queryKey: bucketsKey(q) })
}
