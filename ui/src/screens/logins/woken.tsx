import { Plural } from '@lingui/react/macro'
import type { Login } from './data'

/** What goes on by new cookies, in words; null if nothing had waited for them. */
export function wokenWords({ woken }: Login) {
  if (!woken || woken.subscriptions + woken.jobs === 0) return null
  return (
    <>
      {woken.subscriptions > 0 && (
        <Plural
          value={woken.subscriptions}
          one="# subscription goes on with it."
          other="# subscriptions go on with it."
        />
      )}{' '}
      {woken.jobs > 0 && <Plural value={woken.jobs} one="# job goes on." other="# jobs go on." />}
    </>
  )
}
