/** Decisions that the server carries out as a job: how far they are, and when they are at their end. */
import { useSyncExternalStore } from 'react'
import { api, take, type Schemas } from '../api/client'
import { live } from '../api/live'

export type Decision = Schemas['Decision']

let working: Decision | null = null
const watchers = new Set<() => void>()

function tell(now: Decision | null) {
  working = now
  for (const watch of watchers) watch()
}

function watch(heard: () => void) {
  watchers.add(heard)
  return () => void watchers.delete(heard)
}

/** The decision that a job is at, and how far it is. */
export function useWorking(): Decision | null {
  return useSyncExternalStore(watch, () => working)
}

const ASK_MS = 2000

/** Waits until a decision is carried out; events tell, and should one be missed, the server is asked. */
export function ending(begun: Decision): Promise<Decision> {
  if (begun.state !== 'working') return Promise.resolve(begun)
  tell(begun)
  return new Promise((resolve) => {
    const heard = (now: Decision) => {
      if (now.id !== begun.id) return
      tell(now.state === 'working' ? now : null)
      if (now.state === 'working') return
      stop()
      clearInterval(asking)
      resolve(now)
    }
    const stop = live.on('decision', (now) => 'gone' in now || heard(now))
    let asked = false // an answer may take longer than until the next time
    const asking = setInterval(() => {
      if (asked) return
      asked = true
      const call = api.GET('/api/v1/decisions/{number}', { params: { path: { number: begun.id } } })
      void take(call)
        .then(heard, () => undefined)
        .finally(() => (asked = false))
    }, ASK_MS)
  })
}
