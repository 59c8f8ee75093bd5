/** Passkeys: what the browser and its devices do with the options that the server gives. */
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  WebAuthnError,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { api, take, type Schemas } from './client'

type Credential = Record<string, unknown>
interface Told {
  options?: unknown
}

const USED = 'passkey'

export const passkeysWork = browserSupportsWebAuthn

/** Whether somebody has used a passkey of ours in this browser. */
export const passkeyWasUsed = () => localStorage.getItem(USED) !== null

/** Makes a passkey for whoever is signed in. */
export async function addPasskey(name: string): Promise<Schemas['AddedPasskey']> {
  const told = await take(api.POST('/api/v1/me/passkeys/options'))
  const credential = await startRegistration({
    optionsJSON: told.options as unknown as PublicKeyCredentialCreationOptionsJSON,
  })
  const added = await take(
    api.POST('/api/v1/me/passkeys', { body: { name, credential: credential as unknown as Credential } }),
  )
  localStorage.setItem(USED, '1')
  return added
}

/** Signs in with whatever passkey the browser's owner chooses. `quietly`: among what a field suggests. */
export async function signInByPasskey({ quietly = false } = {}): Promise<void> {
  const told: Told = await take(api.POST('/api/v1/session/passkey/options'))
  const credential = await sign(told, quietly)
  await api.POST('/api/v1/session/passkey', { body: { credential } })
  localStorage.setItem(USED, '1')
}

/** Lets a passkey sign what a step of the server has asked for. */
export async function sign(told: Told, quietly = false): Promise<Credential> {
  const signed = await startAuthentication({
    optionsJSON: told.options as PublicKeyCredentialRequestOptionsJSON,
    useBrowserAutofill: quietly,
  })
  return signed as unknown as Credential
}

export const passkeysAreSuggested = browserSupportsWebAuthnAutofill

/** Ends a suggestion that waits. */
export const stopSuggesting = () => WebAuthnAbortService.cancelCeremony()

/** What went wrong between browser and device; null if that is not where it went wrong. */
export function passkeyTrouble(error: unknown): MessageDescriptor | null {
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')
    return msg`This device has a passkey for your account already.`
  if (error instanceof WebAuthnError && error.code === 'ERROR_INVALID_DOMAIN')
    return msg`Passkeys need a name and https in the address, or localhost.`
  if (error instanceof Error && error.name === 'NotAllowedError')
    return msg`No passkey was used: it took too long, or was cancelled.`
  return error instanceof WebAuthnError ? msg`The device gave no passkey. Try another one.` : null
}
