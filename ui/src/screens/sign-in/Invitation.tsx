import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { Ticket } from 'lucide-react'
import { useState } from 'react'
import { api, Problem } from '../../api/client'
import { Button } from '../../parts/Button'
import { Field } from '../../parts/Field'
import { PasswordField } from '../../parts/PasswordField'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { Frame } from './Frame'

/** Lets somebody choose their password by the token that an administrator gave them. */
export function Invitation() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [token, setToken] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const accept = async () => {
    setBusy(true)
    setError(null)
    try {
      await api.POST('/api/v1/invitations/accept', { body: { token: token.trim(), password } })
      say(t`Your password is set. Sign in with it.`)
      await navigate({ to: '/sign-in', search: {} })
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  const ofToken = error instanceof Problem && error.status === 401
  return (
    <Frame
      title={<Trans>Choose your password</Trans>}
      lead={<Trans>An administrator gave you a token. It works once, within a day.</Trans>}
      foot={<Trans>Nothing leaves this machine.</Trans>}
    >
      <form
        className="col"
        onSubmit={(event) => {
          event.preventDefault()
          void accept()
        }}
      >
        <Field
          label={t`Token`}
          className="mono"
          value={token}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          before={<Ticket className="icon" aria-hidden />}
          error={ofToken ? <Sentence error={error} /> : null}
          onChange={(event) => setToken(event.target.value)}
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
            <Trans>Set the password</Trans>
          </Button>
        </div>
      </form>
    </Frame>
  )
}
