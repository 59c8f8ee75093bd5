/** Jobs that have just come to an end: they stay in sight for a moment, with a tick, and then fold. */
import { useCallback, useEffect, useState } from 'react'
import { useLive } from '../api/live'
import { queries } from '../queries'
import { isOver, livingQuery, type Job } from './activity'

const SHOWN_MS = 3000
const FOLD_MS = 160

export interface Ended {
  job: Job
  folding: boolean
}

/** What ended while somebody looked. While `held` is true, nothing folds. */
export function useEnded(held: boolean): ReadonlyMap<string, Ended> {
  const [ended, setEnded] = useState<ReadonlyMap<string, Ended & { at: number }>>(new Map())
  useLive(
    'job',
    useCallback((job) => {
      if ('gone' in job || !isOver(job)) return
      const shown = queries.getQueryData(livingQuery.queryKey)?.some(({ id }) => id === job.id)
      if (shown) setEnded((all) => new Map(all).set(job.id, { job, folding: false, at: Date.now() }))
    }, []),
  )
  useEffect(() => {
    if (held || ended.size === 0) return
    const timer = setTimeout(() => {
      const now = Date.now()
      const next = [...ended]
        .filter(([, { folding, at }]) => !folding || now - at < SHOWN_MS + FOLD_MS)
        .map(([id, one]): [string, typeof one] => [
          id,
          !one.folding && now - one.at >= SHOWN_MS ? { ...one, folding: true, at: now - SHOWN_MS } : one,
        ])
      setEnded(new Map(next))
    }, FOLD_MS)
    return () => clearTimeout(timer)
  }, [ended, held])
  return ended
}
