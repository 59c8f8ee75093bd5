import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { api } from '../../api/client'
import { useMe } from '../../api/me'
import { addPasskey, passkeyTrouble } from '../../api/passkeys'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { DuoSetup } from '../../parts/DuoSetup'
import { Field } from '../../parts/Field'
import { PasswordField } from '../../parts/PasswordField'
import { RecoveryCodes } from '../../parts/RecoveryCodes'
import { TotpSetup } from '../../parts/TotpSetup'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { agentOf } from '../../words/agent'
import { askAnew, factorsQuery } from './data'

interface Closing {
  onClose: () => void
}

/** Runs one step of a form: busy while it runs, and why it did not succeed. */
function useStep() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const step = async (work: () => Promise<unknown>) => {
    setBusy(true)
    setError(null)
    try {
      await work()
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, step }
}

export function AddPasskey({ onClose }: Closing) {
  const { t, i18n } = useLingui()
  const [name, setName] = useState(() => agentOf(navigator.userAgent).system ?? '')
  const [codes, setCodes] = useState<readonly string[]>([])
  const { busy, error, step } = useStep()
  const words = passkeyTrouble(error)
  const add = () =>
    step(async () => {
      const { recovery_codes } = await addPasskey(name.trim())
      await askAnew()
      if (recovery_codes.length > 0) setCodes(recovery_codes)
      else {
        say(t`The passkey is added.`)
        onClose()
      }
    })
  return (
    <Modal
      as="dialog"
      title={codes.length > 0 ? <Trans>Keep these codes</Trans> : <Trans>Add a passkey</Trans>}
      stays={codes.length > 0}
      onClose={onClose}
    >
      {codes.length > 0 ? (
        <RecoveryCodes codes={codes} onDone={onClose} />
      ) : (
        <form
          className="col"
          onSubmit={(event) => {
            event.preventDefault()
            void add()
          }}
        >
          <Field
            label={t`Its name here`}
            value={name}
            maxLength={64}
            hint={<Trans>Such as the device that it lives on.</Trans>}
            error={error === null ? null : words === null ? <Sentence error={error} /> : i18n._(words)}
            onChange={(event) => setName(event.target.value)}
          />
          <div className="row">
            <Button kind="primary" icon={Fingerprint} submit busy={busy}>
              <Trans>Add the passkey</Trans>
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}

export function AddTotp({ onClose }: Closing) {
  const { t } = useLingui()
  const [codes, setCodes] = useState<readonly string[]>([])
  return (
    <Modal
      as="dialog"
      width={480}
      title={codes.length > 0 ? <Trans>Keep these codes</Trans> : <Trans>Set up an authenticator app</Trans>}
      stays={codes.length > 0}
      onClose={onClose}
    >
      {codes.length > 0 ? (
        <RecoveryCodes codes={codes} onDone={onClose} />
      ) : (
        <TotpSetup
          onDone={(made) => {
            void askAnew()
            if (made.length > 0) setCodes(made)
            else {
              say(t`The app is set up.`)
              onClose()
            }
          }}
        />
      )}
    </Modal>
  )
}

export function AddDuo({ onClose }: Closing) {
  const factors = useQuery(factorsQuery)
  return (
    <Modal as="dialog" title={<Trans>Use Duo</Trans>} onClose={onClose}>
      <div className="col">
        {factors.data?.duo_offered === false && (
          <p className="small soft">
            <Trans>Duo is not switched on in the settings.</Trans>
          </p>
        )}
        <DuoSetup after="/settings/security" />
      </div>
    </Modal>
  )
}

export function ChangePassword({ onClose }: Closing) {
  const { t } = useLingui()
  const { name } = useMe()
  const [current, setCurrent] = useState('')
  const [fresh, setFresh] = useState('')
  const { busy, error, step } = useStep()
  const change = () =>
    step(async () => {
      await api.PUT('/api/v1/me/password', { body: { current, new: fresh } })
      say(t`The password is changed. Other browsers are signed out.`)
      await askAnew()
      onClose()
    })
  return (
    <Modal as="dialog" title={<Trans>Change your password</Trans>} onClose={onClose}>
      <form
        className="col"
        onSubmit={(event) => {
          event.preventDefault()
          void change()
        }}
      >
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <PasswordField
          label={t`Present password`}
          value={current}
          required
          onChange={(event) => setCurrent(event.target.value)}
        />
        <PasswordField
          fresh
          label={t`New password`}
          value={fresh}
          required
          error={error === null ? null : <Sentence error={error} />}
          onChange={(event) => setFresh(event.target.value)}
        />
        <div className="row">
          <Button kind="primary" submit busy={busy}>
            <Trans>Change it</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  )
}
