import { Plural } from '@lingui/react/macro'
import { useState, type ReactNode } from 'react'
import { api, take } from '../../api/client'
import { decided, trouble } from '../../shell/undo'

/** The ways out of the bin that have a way back. */
export function useActs(onDone: () => void) {
  const [busy, setBusy] = useState(false)
  const run = async (
    kind: 'restore' | 'allow',
    which: { ids: number[] } | { query: string },
    said: ReactNode,
  ) => {
    setBusy(true)
    try {
      const decision = await take(
        api.POST('/api/v1/media/batch', { body: { ...which, action: { kind }, preview: false } }),
      )
      if ('id' in decision) decided(said, decision)
    } catch (error) {
      trouble(error)
    } finally {
      setBusy(false)
      onDone()
    }
  }
  const restored = (count: number) => (
    <Plural
      value={count}
      one="# item restored to its old place."
      other="# items restored to their old places."
    />
  )
  return {
    busy,
    restore: (ids: readonly string[]) => run('restore', { ids: ids.map(Number) }, restored(ids.length)),
    restoreAll: (count: number) => run('restore', { query: 'state:trashed' }, restored(count)),
    allow: (ids: readonly string[]) =>
      run(
        'allow',
        { ids: ids.map(Number) },
        <Plural
          value={ids.length}
          one="# item allowed again. It is fetched soon."
          other="# items allowed again. They are fetched soon."
        />,
      ),
  }
}
