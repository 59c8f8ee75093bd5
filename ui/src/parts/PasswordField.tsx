import { Trans, useLingui } from '@lingui/react/macro'
import { Eye, EyeOff, LockKeyhole } from 'lucide-react'
import { useState } from 'react'
import { Field, type FieldProps } from './Field'
import { LEAST, strengthOf } from './strength'

interface PasswordFieldProps extends Omit<FieldProps, 'type' | 'before' | 'after' | 'value'> {
  value: string
  /** For a password to come: says how strong it is. */
  fresh?: boolean
}

/** A field for a password, with the eye that shows it. */
export function PasswordField({ fresh = false, hint, ...rest }: PasswordFieldProps) {
  const { t } = useLingui()
  const [shown, setShown] = useState(false)
  const Icon = shown ? EyeOff : Eye
  return (
    <div className="col">
      <Field
        {...rest}
        type={shown ? 'text' : 'password'}
        autoComplete={rest.autoComplete ?? (fresh ? 'new-password' : 'current-password')}
        autoCapitalize="none"
        spellCheck="false"
        hint={fresh ? <Strength password={rest.value} /> : hint}
        before={<LockKeyhole className="icon" aria-hidden />}
        after={
          <button
            type="button"
            className="eye"
            aria-pressed={shown}
            aria-label={t`Show the password`}
            onClick={() => setShown(!shown)}
          >
            <Icon className="icon" aria-hidden />
          </button>
        }
      />
    </div>
  )
}

function Strength({ password }: { password: string }) {
  const strength = strengthOf(password)
  const missing = LEAST - password.length
  return (
    <span className="strength" data-strength={strength}>
      <span className="meter" aria-hidden>
        {[1, 2, 3, 4].map((step) => (
          <i key={step} data-on={strength >= step ? '' : undefined} />
        ))}
      </span>
      {password === '' ? (
        <Trans>At least {LEAST} characters. Several words are easy to keep in mind.</Trans>
      ) : missing > 0 ? (
        <Trans>{missing} more characters.</Trans>
      ) : (
        {
          0: null,
          1: <Trans>Too plain: use more different characters.</Trans>,
          2: <Trans>It will do. Longer is stronger.</Trans>,
          3: <Trans>Strong.</Trans>,
          4: <Trans>Very strong.</Trans>,
        }[strength]
      )}
    </span>
  )
}
