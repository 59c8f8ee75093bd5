import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { addPasskey, passkeyTrouble } from '../../api/passkeys'
import { Button } from '../../parts/Button'
import { RecoveryCodes } from '../../parts/RecoveryCodes'
import { Sentence } from '../../parts/Trouble'
import { Frame } from '../sign-in/Frame'
import { Steps } from './Steps'

/** Offers a passkey right after the password: it is both factors at once. */
export function PasskeyStep({ name }: { name: string }) {
  const { i18n } = useLingui()
  const navigate = useNavigate()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const goOn = () => void navigate({ to: '/welcome', search: { step: 'library' } })
  const add = async () => {
    setBusy(true)
    setError(null)
    try {
      const { recovery_codes } = await addPasskey('')
      if (recovery_codes.length > 0) setCodes(recovery_codes)
      else goOn()
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  const words = passkeyTrouble(error)
  return (
    <Frame
      steps={<Steps at={1} />}
      title={codes === null ? <Trans>Hello, {name}</Trans> : <Trans>Keep these codes</Trans>}
      lead={
        codes === null && (
          <Trans>
            With a passkey you sign in by your finger, your face or the PIN of this device. Nobody can guess
            it, and no page can steal it.
          </Trans>
        )
      }
      foot={<Trans>You can add and remove passkeys later, under Account and security.</Trans>}
    >
      <div className="col">
        {codes !== null ? (
          <RecoveryCodes codes={codes} onDone={goOn} />
        ) : (
          <>
            {error !== null && (
              <div className="error" role="alert">
                {words === null ? <Sentence error={error} /> : i18n._(words)}
              </div>
            )}
            <div className="row wrap">
              <Button kind="primary" size="lg" icon={Fingerprint} busy={busy} onClick={() => void add()}>
                <Trans>Add a passkey</Trans>
              </Button>
              <Button kind="quiet" size="lg" onClick={goOn}>
                <Trans>Later</Trans>
              </Button>
            </div>
          </>
        )}
      </div>
    </Frame>
  )
}
