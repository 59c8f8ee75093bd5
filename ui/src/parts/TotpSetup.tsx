import { Trans, useLingui } from '@lingui/react/macro'
import { useEffect, useRef, useState } from 'react'
import { api, take, type Schemas } from '../api/client'
import { CodeForm } from './FactorChoice'
import { Sentence, Trouble } from './Trouble'
import './factors.css'

/** Sets up an authenticator app: the picture to scan, then a code of it. `onDone` gets recovery codes. */
export function TotpSetup({ onDone }: { onDone: (codes: readonly string[]) => void }) {
  const { t } = useLingui()
  const [made, setMade] = useState<Schemas['Enrolment'] | null>(null)
  const [failed, setFailed] = useState<unknown>(null)
  const [wrong, setWrong] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    take(api.POST('/api/v1/me/totp')).then(setMade, setFailed)
  }, [])
  const confirm = async (code: string) => {
    setBusy(true)
    setWrong(null)
    try {
      const { recovery_codes } = await take(api.POST('/api/v1/me/totp/confirm', { body: { code } }))
      onDone(recovery_codes)
    } catch (error) {
      setWrong(error)
    } finally {
      setBusy(false)
    }
  }
  if (failed !== null) return <Trouble error={failed} />
  return (
    <div className="col">
      <div className="totp">
        {made === null ? (
          <span className="skeleton" />
        ) : (
          <img src={made.qr} alt={t`The secret, to be scanned`} />
        )}
        <div className="col">
          <p>
            <Trans>Scan this with your authenticator app, or type the secret into it.</Trans>
          </p>
          <code className="mono">{made?.secret}</code>
        </div>
      </div>
      {made !== null && (
        <CodeForm
          factor="totp"
          busy={busy}
          error={wrong === null ? null : <Sentence error={wrong} />}
          onCode={(code) => void confirm(code)}
        />
      )}
    </div>
  )
}
