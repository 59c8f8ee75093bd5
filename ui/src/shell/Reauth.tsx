import { Trans, useLingui } from '@lingui/react/macro'
import { useEffect, useState } from 'react'
import { api, onProofNeeded, Problem } from '../api/client'
import { useMe } from '../api/me'
import { Button } from '../parts/Button'
import { Modal } from '../parts/Dialog'
import { Field } from '../parts/Field'

/** Asks a person to prove again who they are, when the server wants that before it goes on. */
export function Reauth() {
  const { t } = useLingui()
  const { name } = useMe()
  const [answer, setAnswer] = useState<((proven: boolean) => void) | null>(null)
  const [password, setPassword] = useState('')
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  useEffect(() => onProofNeeded(() => new Promise((resolve) => setAnswer(() => resolve))), [])
  if (answer === null) return null
  const end = (proven: boolean) => {
    setAnswer(null)
    setPassword('')
    setError('')
    answer(proven)
  }
  const prove = async () => {
    setBusy(true)
    try {
      await api.POST('/api/v1/session/sudo', { body: { password } })
      end(true)
    } catch (problem) {
      setError(problem instanceof Problem ? problem.message : String(problem))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      as="dialog"
      title={<Trans>Is it still you?</Trans>}
      onClose={() => end(false)}
      lead={<Trans>This needs a proof that is fresh.</Trans>}
    >
      <form
        className="col"
        onSubmit={(event) => {
          event.preventDefault()
          void prove()
        }}
      >
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <Field
          label={t`Password of ${name}`}
          type="password"
          autoComplete="current-password"
          value={password}
          error={error}
          onChange={(event) => setPassword(event.target.value)}
        />
        <div className="row">
          <Button kind="primary" submit busy={busy}>
            <Trans>Go on</Trans>
          </Button>
          <Button kind="quiet" onClick={() => end(false)}>
            <Trans>Not now</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  )
}
