import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useMe } from '../../api/me'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Field } from '../../parts/Field'
import { Once } from '../../parts/Once'
import { Sentence } from '../../parts/Trouble'
import { SCOPES } from '../../words/scopes'
import { askAnew } from './data'

type Scope = Schemas['Scope']

const DAYS = ['30', '90', '365', ''] as const

/** Makes an API key: what it is called, what it may do, until when; and shows it once. */
export function NewKey({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui()
  const { scopes } = useMe()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<Scope>>(new Set<Scope>(['library:read']))
  const [days, setDays] = useState<string>('90')
  const [made, setMade] = useState<Schemas['AddedKey'] | null>(null)
  const madeName = made?.name
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const ends: Record<string, string> = {
    '30': t`In 30 days`,
    '90': t`In 90 days`,
    '365': t`In a year`,
    '': t`Never`,
  }
  const make = async () => {
    setBusy(true)
    setError(null)
    const until = days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString()
    try {
      setMade(
        await take(
          api.POST('/api/v1/api-keys', {
            body: { name: name.trim(), scopes: [...chosen], expires_at: until },
          }),
        ),
      )
      await askAnew()
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  const toggle = (scope: Scope) => {
    const next = new Set(chosen)
    if (!next.delete(scope)) next.add(scope)
    setChosen(next)
  }
  if (made !== null)
    return (
      <Modal
        as="sheet"
        stays
        title={<Trans>The key “{madeName}”</Trans>}
        lead={<Trans>It is shown only now. Keep it where the program finds it.</Trans>}
        onClose={onClose}
        footer={
          <Button kind="primary" onClick={onClose}>
            <Trans>I have kept it</Trans>
          </Button>
        }
      >
        <div className="col">
          <Once label={t`The key`} secret={made.key} />
          <p className="small soft">
            <Trans>
              Send it as <span className="mono">Authorization: Bearer KEY</span>. It never may do more than
              your account.
            </Trans>
          </p>
        </div>
      </Modal>
    )
  return (
    <Modal
      as="sheet"
      title={<Trans>New API key</Trans>}
      onClose={onClose}
      footer={
        <>
          <Button kind="primary" busy={busy} onClick={() => void make()}>
            <Trans>Make the key</Trans>
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
        </>
      }
    >
      <form
        className="col newkey"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <Field
          label={t`Its name`}
          value={name}
          maxLength={64}
          required
          hint={<Trans>Such as the program that uses it.</Trans>}
          error={error === null ? null : <Sentence error={error} />}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className="col">
          <legend className="label">
            <Trans>It holds until</Trans>
          </legend>
          <div className="seg">
            {DAYS.map((each) => (
              <button key={each} type="button" aria-pressed={days === each} onClick={() => setDays(each)}>
                {ends[each]}
              </button>
            ))}
          </div>
        </fieldset>
        <fieldset className="col">
          <legend className="label">
            <Trans>What it may do</Trans>
          </legend>
          {(Object.keys(SCOPES) as Scope[])
            .filter((scope) => scopes.includes(scope))
            .map((scope) => (
              <label className="tickrow" key={scope}>
                <input type="checkbox" checked={chosen.has(scope)} onChange={() => toggle(scope)} />
                <span>{i18n._(SCOPES[scope])}</span>
                <span className="mono tiny muted end">{scope}</span>
              </label>
            ))}
        </fieldset>
      </form>
    </Modal>
  )
}
