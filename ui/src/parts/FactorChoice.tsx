import { Trans, useLingui } from '@lingui/react/macro'
import { Fingerprint, LifeBuoy, ShieldCheck, Smartphone, type LucideIcon } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from './Button'
import { Field } from './Field'
import { Sentence } from './Trouble'
import { focused } from './focused'
import './factors.css'

export interface FactorAnswer {
  code?: string
  state?: string
  credential?: Record<string, unknown>
}

interface FactorChoiceProps {
  /** Those that may be chosen, by their names. */
  factors: readonly string[]
  factor: string
  onChoose: (factor: string) => void
  /** What the browser needs for a factor. */
  begin: (factor: string) => Promise<Record<string, unknown>>
  /** Rejects if it does not prove it. */
  prove: (factor: string, answer: FactorAnswer) => Promise<void>
  /** Goes to a page of Duo's. */
  onLeave: (url: string) => void
  children?: React.ReactNode
}

const SIGNS: Record<string, LucideIcon> = {
  totp: Smartphone,
  passkey: Fingerprint,
  duo: ShieldCheck,
  recovery: LifeBuoy,
}
const DIGITS = 6

/** One factor to prove it by, and the buttons for the others. */
export function FactorChoice({
  factors,
  factor,
  onChoose,
  begin,
  prove,
  onLeave,
  children,
}: FactorChoiceProps) {
  const { t, i18n } = useLingui()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<React.ReactNode>(null)
  const names: Record<string, string> = {
    totp: t`Authenticator app`,
    passkey: t`Use a passkey`,
    duo: t`Duo`,
    recovery: t`Recovery code`,
  }
  const attempt = async (proving: () => Promise<void>) => {
    setBusy(true)
    setError(null)
    try {
      await proving()
    } catch (wrong) {
      const { passkeyTrouble } = await import('../api/passkeys')
      const words = passkeyTrouble(wrong)
      setError(words === null ? <Sentence error={wrong} /> : i18n._(words))
    } finally {
      setBusy(false)
    }
  }
  const choose = (name: string) => {
    setError(null)
    onChoose(name)
    if (name === 'passkey') void byPasskey()
  }
  const byPasskey = () =>
    attempt(async () => {
      const { sign } = await import('../api/passkeys')
      await prove('passkey', { credential: await sign(await begin('passkey')) })
    })
  const byDuo = () =>
    attempt(async () => {
      const told = await begin('duo')
      if (typeof told.url === 'string') onLeave(told.url)
      else if (typeof told.state === 'string') await prove('duo', { state: told.state })
    })
  return (
    <div className="col">
      {factor === 'totp' || factor === 'recovery' ? (
        <CodeForm
          key={factor}
          factor={factor}
          busy={busy}
          error={error}
          onCode={(code) => void attempt(() => prove(factor, { code }))}
        />
      ) : (
        <>
          <div className="row">
            <Button
              kind="primary"
              size="lg"
              icon={SIGNS[factor] ?? ShieldCheck}
              busy={busy}
              onClick={() => void (factor === 'duo' ? byDuo() : byPasskey())}
            >
              {factor === 'duo' ? <Trans>Go on to Duo</Trans> : <Trans>Use a passkey</Trans>}
            </Button>
          </div>
          {error !== null && (
            <div className="error" role="alert">
              {error}
            </div>
          )}
        </>
      )}
      <div className="row wrap">
        {factors
          .filter((name) => name !== factor && name in names)
          .map((name) => (
            <Button
              key={name}
              kind={name === 'recovery' ? 'quiet' : 'default'}
              icon={SIGNS[name] ?? ShieldCheck}
              onClick={() => choose(name)}
            >
              {names[name]}
            </Button>
          ))}
        {children}
      </div>
    </div>
  )
}

interface CodeFormProps {
  factor: 'totp' | 'recovery'
  busy: boolean
  error: React.ReactNode
  onCode: (code: string) => void
}

/** One field; the six digits go on by themselves, a recovery code by the button. */
export function CodeForm({ factor, busy, error, onCode }: CodeFormProps) {
  const { t } = useLingui()
  const [code, setCode] = useState('')
  const sent = useRef('')
  const digits = factor === 'totp'
  const send = (value: string) => {
    if (busy || value === '') return
    sent.current = value
    onCode(value)
  }
  const type = (field: HTMLInputElement) => {
    const next = digits ? field.value.replace(/\D/g, '').slice(0, DIGITS) : field.value
    field.value = next // what is typed stays otherwise, where `code` is as it was
    setCode(next)
    if (digits && next.length === DIGITS && next !== sent.current) send(next)
  }
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault()
        send(code.trim())
      }}
    >
      <div className={digits ? 'code-field' : undefined}>
        <Field
          label={digits ? t`Code` : t`Recovery code`}
          value={code}
          inputMode={digits ? 'numeric' : 'text'}
          autoComplete={digits ? 'one-time-code' : 'off'}
          autoCapitalize="none"
          spellCheck="false"
          ref={focused}
          // eslint-disable-next-line jsx-a11y/no-autofocus -- where a dialog opens with it
          autoFocus
          error={error}
          hint={digits ? <Trans>It goes on by itself after the sixth digit.</Trans> : undefined}
          onChange={(event) => type(event.target)}
        />
      </div>
      {(!digits || busy || error !== null) && (
        <div className="row">
          <Button kind="primary" submit busy={busy}>
            <Trans>Go on</Trans>
          </Button>
        </div>
      )}
    </form>
  )
}
