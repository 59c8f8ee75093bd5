/** Keeps a gallery as things stand: what events tell is shown at once, or held back where it would push. */
import { useEffect } from 'react'
import { live, type Gone, type Things } from '../api/live'
import { queries } from '../queries'
import { bucketsKey } from './data'
import type { Desk } from './desk'
import { dayOf } from './tiles'

type News = Things['media'] | Gone

const GATHER_MS = 120
const COUNT_MS = 700
const AGAIN_MS = 61_000 // what a search finds is kept by the server for a minute
const JUST_MS = 300_000
const RING_MS = 10_000

export function useArrivals(desk: Desk, q: string) {
  useEffect(() => follow(desk, q), [desk, q])
}

function follow(desk: Desk, q: string) {
  let news: News[] = []
  let gathering: ReturnType<typeof setTimeout> | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  const states = q.includes('state:')
  let counting: ReturnType<typeof setTimeout> | undefined
  // Not at each bundle of events: who asks again gives up the answer that is on its way.
  const count = () => {
    counting ??= setTimeout(() => {
      counting = undefined
      void queries.invalidateQueries({ queryKey: bucketsKey(q) })
    }, COUNT_MS)
  }

  const flush = () => {
    gathering = undefined
    const some = news
    news = []
    const outdated = new Set<string>()
    let unknown = 0
    for (const item of some) {
      const id = String(item.id)
      if ('gone' in item || (item.state !== 'stored' && !states)) outdated.add(id)
      else if (!desk.controller.patch(id, dayOf(Date.parse(item.shown_at) / 1000), item)) {
        outdated.add(id) // should it stand on another day until now
        unknown++
        if (isNew(item)) ring(desk, id)
      }
    }
    if (outdated.size) desk.remove(outdated)
    if (unknown) count()
    if (unknown && q !== '') again ??= setTimeout(count, AGAIN_MS)
  }

  const ends = [
    live.on('media', (item) => {
      news.push(item)
      gathering ??= setTimeout(flush, GATHER_MS)
    }),
    live.onReset(() => desk.controller.touch()),
  ]
  return () => {
    clearTimeout(gathering)
    clearTimeout(again)
    clearTimeout(counting)
    for (const end of ends) end()
  }
}

function isNew({ id, added_at }: Things['media']) {
  return id !== '' && added_at !== null && Date.now() - Date.parse(added_at) < JUST_MS
}

function ring(desk: Desk, id: string) {
  desk.fresh.add(id)
  setTimeout(() => desk.fresh.delete(id), RING_MS)
}
