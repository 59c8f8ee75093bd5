/** The desks that one may come back to. */
import { queries } from '../queries'
import { fetchTiles } from './data'
import { Desk } from './desk'
import { readPlace } from './place'
import type { Buckets } from './timeline'

const DESKS = 'gallery-desk'
const KEPT = 4

queries.setQueryDefaults([DESKS], { gcTime: Infinity })

/** The desk of a search outlasts a look at one picture: who comes back finds everything in its place. */
export function deskOf(q: string, buckets: Buckets, at: string | undefined): Desk {
  const key = [DESKS, q]
  const known = queries.getQueryData<Desk>(key)
  const desk = known ?? new Desk(buckets, fetchTiles(q), at)
  if (known) {
    desk.selection.clear()
    desk.timeline.touch() // nobody has told it what has happened since
    const place = at === undefined ? undefined : readPlace(at)
    if (desk.told !== at && place) desk.controller.jumpTo(place)
    else if (desk.told !== at) desk.controller.jump(0)
  }
  desk.tell(at)
  queries.setQueryData(key, desk)
  const desks = queries.getQueryCache().findAll({ queryKey: [DESKS] })
  const old = desks.sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt).slice(KEPT)
  for (const { queryKey } of old) queries.removeQueries({ queryKey, exact: true })
  return desk
}
