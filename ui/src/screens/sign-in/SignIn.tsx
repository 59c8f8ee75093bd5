import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Fingerprint, LogIn, User } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { addressOf, api, take } from '../../api/client'
import {
  passkeysAreSuggested,
  passkeyTrouble,
  passkeysWork,
  passkeyWasUsed,
  signInByPasskey,
  stopSuggesting,
} from '../../api/passkeys'
import { Button } from '../../parts/Button'
import { Field } from '../../parts/Field'
import { PasswordField } from '../../parts/PasswordField'
import { Sentence } from '../../parts/Trouble'
import { pageAfter } from './after'
import { PROBLEMS, useEntering } from './entering'
import { Frame } from './Frame'

/** Asks who one is: by a passkey, a password, or at an OpenID provider. */
export function SignIn() {
  const { t, i18n } = useLingui()
  const { after, problem } = useSearch({ from: '/sign-in' })
  const ways = useQuery({
    queryKey: ['session', 'ways'],
    queryFn: () => take(api.GET('/api/v1/session/ways')),
  })
  const enter = useEntering()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState<'passkey' | 'password' | null>(null)
  const [error, setError] = useState<unknown>(null)
  const field = useRef<HTMLInputElement>(null)
  useSuggestedPasskey(() => void enter(after))

  const attempt = async (way: 'passkey' | 'password', prove: () => Promise<void>) => {
    setBusy(way)
    setError(null)
    try {
      await prove()
    } catch (wrong) {
      setError(wrong)
      setPassword('')
      setBusy(null)
      if (way === 'password') field.current?.focus()
    }
  }
  const byPasskey = () =>
    attempt('passkey', async () => {
      await signInByPasskey()
      await enter(after)
    })
  const byPassword = () =>
    attempt('password', async () => {
      const due = await take(api.POST('/api/v1/session', { body: { name: name.trim(), password } }))
      if (due === undefined) await enter(after)
      else await navigate({ to: '/sign-in/factor', search: { after } })
    })
  const told = problem === undefined ? null : PROBLEMS[problem]
  const passkey = passkeyTrouble(error)
  const openid = ways.data?.openid ?? null
  return (
    <Frame
      title={<Trans>Welcome back</Trans>}
      foot={
        <Trans>
          Locked out? The command <span className="mono">gatherum accounts reset</span> on the server helps.
        </Trans>
      }
    >
      <div className="col">
        {problem !== undefined && error === null && (
          <div className="note small" data-family="stuck" role="alert">
            {told == null ? <Trans>Signing in at your provider did not work.</Trans> : i18n._(told)}
          </div>
        )}
        {passkeysWork() && (
          <Button
            kind="primary"
            size="lg"
            icon={Fingerprint}
            busy={busy === 'passkey'}
            onClick={() => void byPasskey()}
          >
            <Trans>Sign in with a passkey</Trans>
          </Button>
        )}
        {openid !== null && (
          <a
            className="btn"
            data-size="lg"
            href={addressOf(`/api/v1/session/oidc?after=${encodeURIComponent(pageAfter(after))}`)}
          >
            <LogIn className="icon" aria-hidden />
            {openid}
          </a>
        )}
        {(passkeysWork() || openid !== null) && (
          <div className="or small muted">
            <Trans>or with a password</Trans>
          </div>
        )}
        <form
          className="col"
          onSubmit={(event) => {
            event.preventDefault()
            void byPassword()
          }}
        >
          <Field
            label={t`Name`}
            value={name}
            autoComplete="username webauthn"
            autoCapitalize="none"
            spellCheck="false"
            required
            before={<User className="icon" aria-hidden />}
            onChange={(event) => setName(event.target.value)}
          />
          <PasswordField
            ref={field}
            label={t`Password`}
            value={password}
            required
            error={error === null ? null : passkey === null ? <Sentence error={error} /> : i18n._(passkey)}
            onChange={(event) => setPassword(event.target.value)}
          />
          <div className="row">
            <Button size="lg" submit busy={busy === 'password'}>
              <Trans>Sign in</Trans>
            </Button>
          </div>
        </form>
      </div>
    </Frame>
  )
}

/** Lets the field for the name suggest passkeys, where one of ours was used before. */
function useSuggestedPasskey(done: () => void) {
  const then = useRef(done)
  useEffect(() => {
    then.current = done
  })
  useEffect(() => {
    if (!passkeyWasUsed()) return
    const left = new AbortController()
    void (async () => {
      if (!(await passkeysAreSuggested()) || left.signal.aborted) return
      try {
        await signInByPasskey({ quietly: true })
        then.current()
      } catch {
        // Nobody chose one; the button and the password are still there.
      }
    })()
    return () => {
      left.abort()
      stopSuggesting()
    }
  }, [])
}
