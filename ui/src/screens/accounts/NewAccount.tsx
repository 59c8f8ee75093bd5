import { Trans, useLingui } from '@lingui/react/macro'
import { User } from 'lucide-react'
import { useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Field } from '../../parts/Field'
import { PasswordField } from '../../parts/PasswordField'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import type { Role } from '../../words/scopes'
import { askAnew } from './data'
import { Invitation } from './Invitation'
import { RoleChoice } from './RoleChoice'

/** Adds an account: with a token for its owner, or with a password that one tells them. */
export function NewAccount({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [by, setBy] = useState<'token' | 'password'>('token')
  const [password, setPassword] = useState('')
  const [made, setMade] = useState<Schemas['InvitationView'] | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const add = async () => {
    setBusy(true)
    setError(null)
    try {
      const { invitation } = await take(
        api.POST('/api/v1/accounts', {
          body: { name: name.trim(), role, ...(by === 'password' ? { password } : {}) },
        }),
      )
      await askAnew()
      if (invitation !== null) setMade(invitation)
      else {
        say(t`The account of ${name} is added.`)
        onClose()
      }
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  if (made !== null)
    return (
      <Modal
        as="sheet"
        stays
        title={<Trans>The account of {name} is added</Trans>}
        onClose={onClose}
        footer={
          <Button kind="primary" onClick={onClose}>
            <Trans>I have passed it on</Trans>
          </Button>
        }
      >
        <Invitation invitation={made} />
      </Modal>
    )
  return (
    <Modal
      as="sheet"
      title={<Trans>Add an account</Trans>}
      onClose={onClose}
      footer={
        <>
          <Button kind="primary" busy={busy} onClick={() => void add()}>
            <Trans>Add the account</Trans>
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
        </>
      }
    >
      <form
        className="col spaced"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <Field
          label={t`Name`}
          value={name}
          maxLength={64}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          before={<User className="icon" aria-hidden />}
          error={error === null ? null : <Sentence error={error} />}
          onChange={(event) => setName(event.target.value)}
        />
        <RoleChoice role={role} onChoose={setRole} />
        <fieldset className="col">
          <legend className="label">
            <Trans>The password</Trans>
          </legend>
          <div className="seg">
            <button type="button" aria-pressed={by === 'token'} onClick={() => setBy('token')}>
              <Trans>They choose it</Trans>
            </button>
            <button type="button" aria-pressed={by === 'password'} onClick={() => setBy('password')}>
              <Trans>I choose it</Trans>
            </button>
          </div>
          {by === 'token' ? (
            <p className="small soft">
              <Trans>You get a token to pass on. It works once, within a day.</Trans>
            </p>
          ) : (
            <PasswordField
              fresh
              label={t`Password`}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </fieldset>
      </form>
    </Modal>
  )
}
