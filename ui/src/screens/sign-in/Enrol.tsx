import { Trans } from '@lingui/react/macro'
import { useLingui } from '@lingui/react/macro'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Fingerprint, ShieldCheck, Smartphone } from 'lucide-react'
import { Suspense, useState } from 'react'
import { signOut } from '../../api/client'
import { meQuery } from '../../api/me'
import { addPasskey, passkeysWork, passkeyTrouble } from '../../api/passkeys'
import { Button } from '../../parts/Button'
import { DuoSetup } from '../../parts/DuoSetup'
import { RecoveryCodes } from '../../parts/RecoveryCodes'
import { TotpSetup } from '../../parts/TotpSetup'
import { Sentence } from '../../parts/Trouble'
import { Reauth } from '../../shell/Reauth'
import { factorsQuery } from '../security/data'
import { pageAfter } from './after'
import { useEntering } from './entering'
import { Frame } from './Frame'

/** Where somebody must set up a second factor before anything else. */
export function Enrol() {
  return (
    <Suspense>
      <Enrolling />
    </Suspense>
  )
}

function Enrolling() {
  const { i18n } = useLingui()
  const { after } = useSearch({ from: '/enrol' })
  const navigate = useNavigate()
  const enter = useEntering()
  const { data: me } = useSuspenseQuery(meQuery)
  const factors = useQuery(factorsQuery)
  const [way, setWay] = useState<'totp' | 'duo' | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const words = passkeyTrouble(error)
  const done = (made: readonly string[]) => {
    if (made.length > 0) setCodes(made)
    else void enter(after)
  }
  const byPasskey = async () => {
    setBusy(true)
    setError(null)
    try {
      done((await addPasskey('')).recovery_codes)
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  if (!me.must_enrol && codes === null) void navigate({ to: '/', replace: true })
  return (
    <Frame
      title={codes === null ? <Trans>One thing before you begin</Trans> : <Trans>Keep these codes</Trans>}
      lead={
        codes === null && (
          <Trans>This installation asks everybody for a second factor. Choose how you will prove it.</Trans>
        )
      }
      foot={
        <button type="button" className="link" onClick={() => void signOut()}>
          <Trans>Sign out</Trans>
        </button>
      }
    >
      <div className="col">
        {codes !== null ? (
          <RecoveryCodes codes={codes} onDone={() => void enter(after)} />
        ) : way === 'totp' ? (
          <TotpSetup onDone={done} />
        ) : way === 'duo' ? (
          <DuoSetup after={pageAfter(after)} />
        ) : (
          <>
            {passkeysWork() && (
              <Button
                kind="primary"
                size="lg"
                icon={Fingerprint}
                busy={busy}
                onClick={() => void byPasskey()}
              >
                <Trans>Add a passkey</Trans>
              </Button>
            )}
            <Button size="lg" icon={Smartphone} onClick={() => setWay('totp')}>
              <Trans>Use an authenticator app</Trans>
            </Button>
            {factors.data?.duo_offered && (
              <Button size="lg" icon={ShieldCheck} onClick={() => setWay('duo')}>
                <Trans>Use Duo</Trans>
              </Button>
            )}
            {error !== null && (
              <div className="error" role="alert">
                {words === null ? <Sentence error={error} /> : i18n._(words)}
              </div>
            )}
          </>
        )}
      </div>
      <Reauth />
    </Frame>
  )
}
