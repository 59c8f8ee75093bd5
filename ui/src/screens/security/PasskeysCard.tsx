import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Fingerprint, Pencil, Plus, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { passkeysWork } from '../../api/passkeys'
import { Button } from '../../parts/Button'
import { Confirm } from '../../parts/Confirm'
import { Field } from '../../parts/Field'
import { focused } from '../../parts/focused'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { done } from '../../shell/undo'
import { formatAgo, formatDay } from '../../words/format'
import { Card } from './Card'
import { askAnew, passkeysQuery } from './data'

type Passkey = Schemas['PasskeyView']

export function PasskeysCard() {
  const { t } = useLingui()
  const [leaving, setLeaving] = useState<Passkey | null>(null)
  const leavingName = leaving === null || leaving.name === '' ? t`Passkey` : leaving.name
  return (
    <Card
      title={<Trans>Passkeys</Trans>}
      query={passkeysQuery}
      action={() =>
        passkeysWork() && (
          <Link className="btn" data-size="sm" to="/settings/security" search={{ add: 'passkey' }}>
            <Plus className="icon" aria-hidden />
            <Trans>Add</Trans>
          </Link>
        )
      }
    >
      {(passkeys) => (
        <>
          {passkeys.length === 0 && (
            <p className="small soft none">
              <Trans>None yet. A passkey is both factors at once, and nobody can guess it.</Trans>
            </p>
          )}
          <ul>
            {passkeys.map((one) => (
              <PasskeyRow key={one.id} passkey={one} onLeave={() => setLeaving(one)} />
            ))}
          </ul>
          {leaving !== null && (
            <Confirm
              title={<Trans>Remove “{leavingName}”</Trans>}
              verb={<Trans>Remove the passkey</Trans>}
              onConfirm={async () => {
                await api.DELETE('/api/v1/me/passkeys/{passkey}', {
                  params: { path: { passkey: leaving.id } },
                })
                await askAnew()
              }}
              onClose={() => setLeaving(null)}
            >
              <p>
                <Trans>It opens nothing here any more. Your device keeps it until you remove it there.</Trans>
              </p>
            </Confirm>
          )}
        </>
      )}
    </Card>
  )
}

function PasskeyRow({ passkey, onLeave }: { passkey: Passkey; onLeave: () => void }) {
  const { t } = useLingui()
  const [renames, setRenames] = useState(false)
  const pencil = useRef<HTMLButtonElement>(null)
  const name = passkey.name || t`Passkey`
  const made = formatDay(passkey.created_at)
  const used = passkey.used_at === null ? null : formatAgo(passkey.used_at)
  const close = () => {
    setRenames(false)
    setTimeout(() => pencil.current?.focus())
  }
  if (renames) return <RenameRow passkey={passkey} onClose={close} />
  return (
    <li className="li">
      <Fingerprint className="icon" aria-hidden />
      <div className="grow">
        <div className="strong cut">{name}</div>
        <div className="small muted">
          {used === null ? <Trans>added {made}, not used yet</Trans> : <Trans>used {used}</Trans>}
        </div>
      </div>
      <Button
        ref={pencil}
        kind="quiet"
        size="sm"
        icon={Pencil}
        aria-label={t`Rename ${name}`}
        onClick={() => setRenames(true)}
      />
      <Button kind="quiet" size="sm" icon={Trash2} aria-label={t`Remove ${name}`} onClick={onLeave} />
    </li>
  )
}

function RenameRow({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const { t } = useLingui()
  const [name, setName] = useState(passkey.name)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const save = async () => {
    const called = name.trim()
    if (called === passkey.name) {
      onClose()
      return
    }
    setBusy(true)
    setError(null)
    try {
      await rename(passkey.id, called)
      const said = <Trans>It is called {called} now.</Trans>
      if (passkey.name === '') say(said)
      else done(said, () => rename(passkey.id, passkey.name))
      onClose()
    } catch (caught) {
      setError(caught)
      setBusy(false)
    }
  }
  return (
    <li className="li">
      <form
        className="rename grow"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Field
          label={t`Name of the passkey`}
          ref={focused}
          value={name}
          maxLength={128}
          error={error === null ? undefined : <Sentence error={error} />}
          onFocus={(event) => event.target.select()}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onClose()
          }}
        />
        <div className="row">
          <Button submit kind="primary" size="sm" busy={busy}>
            <Trans>Rename</Trans>
          </Button>
          <Button kind="quiet" size="sm" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
        </div>
      </form>
    </li>
  )
}

async function rename(id: string, name: string) {
  const params = { path: { passkey: id } }
  await take(api.PATCH('/api/v1/me/passkeys/{passkey}', { params, body: { name } }))
  await askAnew()
}
