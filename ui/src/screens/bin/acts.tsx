import { Plural } from '@lingui/react/macro'
import { useState, type ReactNode } from 'react'
import { api, take } from '../../api/client'
import { ending, type Decision } from '../../shell/ending'
import { decided, doing, trouble } from '../../shell/undo'

type Which = { ids: number[] } | { query: string }

/** The ways out of the bin that have a way back. */
export function useActs(onDone: () => void) {
  const [busy, setBusy] = useState(false)
  const carryOut = async (kind: 'restore' | 'allow', which: Which, said: (count: number) => ReactNode) => {
    setBusy(true)
    try {
      const body = { ...which, action: { kind }, preview: false }
      const ended = await ending((await take(api.POST('/api/v1/media/batch', { body }))) as Decision)
      decided(said(ended.done), ended)
    } catch (error) {
      trouble(error, () => run(kind, which, said))
    } finally {
      setBusy(false)
      onDone()
    }
  }
  const run = (...given: Parameters<typeof carryOut>) => doing(carryOut(...given))
  const restored = (count: number) => (
    <Plural
      value={count}
      one="# item restored to its old place."
      other="# items restored to their old places."
    />
  )
  const allowed = (count: number) => (
    <Plural
      value={count}
      one="# item allowed again. It is fetched soon."
      other="# items allowed again. They are fetched soon."
    />
  )
  return {
    busy,
    restore: (ids: readonly string[]) => run('restore', { ids: ids.map(Number) }, restored),
    restoreAll: () => run('restore', { query: 'state:trashed' }, restored),
    allow: (ids: readonly string[]) => run('allow', { ids: ids.map(Number) }, allowed),
  }
}
