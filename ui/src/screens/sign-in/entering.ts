/** What the pages of signing in share. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useNavigate } from '@tanstack/react-router'
import { queries } from '../../queries'
import { pageAfter } from './after'

/** Goes on, once signed in: what was known of somebody else is forgotten. */
export function useEntering() {
  const navigate = useNavigate()
  return async (after: string | undefined) => {
    queries.clear()
    await navigate({ href: pageAfter(after), replace: true })
  }
}

/** Why signing in at an OpenID provider came to nothing, as the address says. */
export const PROBLEMS: Record<string, MessageDescriptor> = {
  'not-signed-in': msg`That signed nobody in: try once more. If nobody here is known by your name at the provider, sign in otherwise and link it under Security.`,
  forbidden: msg`Your provider did not let you in.`,
  unavailable: msg`Your provider does not answer. Try again, or sign in with your password.`,
  refused: msg`Your provider said no.`,
  conflict: msg`Signing in at a provider is switched off, or that name belongs to another account.`,
}
