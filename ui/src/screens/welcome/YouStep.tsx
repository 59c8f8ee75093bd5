import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { Terminal, User } from 'lucide-react'
import { useState } from 'react'
import { api, Problem } from '../../api/client'
import { meQuery } from '../../api/me'
import { passkeysWork } from '../../api/passkeys'
import { Button } from '../../parts/Button'
import { Field } from '../../parts/Field'
import { PasswordField } from '../../parts/PasswordField'
import { Sentence } from '../../parts/Trouble'
import { queries } from '../../queries'
import { Frame } from '../sign-in/Frame'
import { Steps } from './Steps'

/** Makes the first account, by the token of the console. */
export function YouStep() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [token, setToken] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const make = async () => {
    setBusy(true)
    setError(null)
    try {
      await api.POST('/api/v1/setup', { body: { token: token.trim(), name: name.trim(), password } })
      await navigate({ to: '/welcome', search: { step: passkeysWork() ? 'passkey' : 'library' } })
      await queries.resetQueries({ queryKey: meQuery.queryKey })
      queries.setQueryData(['setup'], { needed: false })
    } catch (wrong) {
      setError(wrong)
      setBusy(false)
    }
  }
  const ofToken = error instanceof Problem && error.status === 401
  return (
    <Frame
      steps={<Steps at={1} />}
      title={<Trans>Create the first account</Trans>}
      lead={
        <Trans>
          You will be the administrator. This page works once, and only with the token that Gatherum printed
          where you started it.
        </Trans>
      }
      foot={<Trans>Nothing leaves this machine. No telemetry, no default password.</Trans>}
    >
      <form
        className="col"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <Field
          label={t`Set-up token`}
          className="mono"
          value={token}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          before={<Terminal className="icon" aria-hidden />}
          hint={
            <Trans>
              The console says <span className="mono">Set-up token:</span> and the token. In Docker:{' '}
              <span className="mono">docker logs</span>.
            </Trans>
          }
          error={ofToken ? <Sentence error={error} /> : null}
          onChange={(event) => setToken(event.target.value)}
        />
        <Field
          label={t`Your name`}
          value={name}
          required
          maxLength={64}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
          before={<User className="icon" aria-hidden />}
          onChange={(event) => setName(event.target.value)}
        />
        <PasswordField
          fresh
          label={t`Password`}
          value={password}
          required
          error={error !== null && !ofToken ? <Sentence error={error} /> : null}
          onChange={(event) => setPassword(event.target.value)}
        />
        <div className="row">
          <Button kind="primary" size="lg" submit busy={busy}>
            <Trans>Continue</Trans>
          </Button>
        </div>
      </form>
    </Frame>
  )
}
