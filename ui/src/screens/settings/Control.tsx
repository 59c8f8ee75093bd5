import { Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert, Lock, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../../parts/Button'
import { Switch } from '../../parts/Check'
import { change, drop, rebase, type Change } from './draft'
import type { Field } from './data'
import { joinSize, rawOf, read, SIZE_NAMES, type Raw, type Size } from './form'
import { faultInWords, fieldOf, valueInWords } from './words'

/** What the server said of what was typed in a field, when it refused to save it. */
export interface Refusal {
  raw: Raw
  said: string
}
export type Refusals = Readonly<Record<string, Refusal>>

interface ControlProps {
  field: Field
  pending: Change | undefined
  refusal: Refusal | undefined
  describedBy: string
}

/** The control of a field, what is wrong with it, and how it differs from what stands. */
export function Control({ field, pending, refusal, describedBy }: ControlProps) {
  if (field.locked !== null) return <Locked field={field} variable={field.locked} />
  return <Free field={field} pending={pending} refusal={refusal} describedBy={describedBy} />
}

function Locked({ field, variable }: { field: Field; variable: string }) {
  const { i18n } = useLingui()
  return (
    <div className="col setting-control" data-locked>
      <div className="input" data-locked>
        <Lock className="icon" aria-hidden />
        <span className="grow cut">{valueInWords(field.key, field.value, field.secret)}</span>
        <span className="vh">{i18n._(field.label)}</span>
      </div>
      <div className="hint tiny">
        <Trans>
          Set by <span className="mono">{variable}</span> in the environment.
        </Trans>
      </div>
    </div>
  )
}

function Free({ field, pending, refusal, describedBy }: ControlProps) {
  const { t, i18n } = useLingui()
  const { key, shape, secret, value, bytes } = field
  const raw = pending === undefined ? rawOf(shape, value, bytes) : pending.raw
  const { fault } = read(shape, raw, bytes)
  const refused = refusal !== undefined && JSON.stringify(refusal.raw) === JSON.stringify(raw)
  const wrong = fault ? faultInWords(key, fault) : refused ? refusal.said : undefined
  const was = valueInWords(key, value, secret)
  const label = i18n._(field.label)
  const set = (next: Raw) => {
    if (secret && next === '') drop(key)
    else change(key, next, value, secret)
  }
  const meanwhile =
    pending !== undefined &&
    pending.base !== value &&
    !secret &&
    JSON.stringify(pending.base) !== JSON.stringify(value)
  const back = pending !== undefined && (
    <>
      <span className="small muted nowrap">
        <Trans>was {was}</Trans>
      </span>
      <Button
        kind="quiet"
        size="sm"
        icon={Undo2}
        aria-label={t`Take back the change of ${label}`}
        onClick={() => drop(key)}
      />
    </>
  )
  const told = {
    id: `${key}-control`,
    'aria-invalid': wrong ? true : undefined,
    'aria-describedby': describedBy,
  } as const
  return (
    <div className="col setting-control">
      <Input
        field={field}
        raw={raw}
        set={set}
        label={label}
        told={told}
        changed={pending !== undefined}
        back={back}
      />
      {wrong && (
        <div className="error" role="alert">
          <CircleAlert className="icon" aria-hidden />
          <span>{wrong}</span>
        </div>
      )}
      {secret && Boolean(value) && pending === undefined && (
        <button
          type="button"
          className="link tiny setting-forget"
          onClick={() => change(key, '', value, true)}
        >
          <Trans>Forget the one that is set</Trans>
        </button>
      )}
      {meanwhile && (
        <div className="note small" data-family="waiting">
          <span className="grow">
            <Trans>Somebody else has set {was} meanwhile.</Trans>
          </span>
          <Button size="sm" onClick={() => drop(key)}>
            <Trans>Take theirs</Trans>
          </Button>
          <Button size="sm" onClick={() => rebase(key, value)}>
            <Trans>Keep mine</Trans>
          </Button>
        </div>
      )}
    </div>
  )
}

interface InputProps {
  field: Field
  raw: Raw
  set: (raw: Raw) => void
  label: string
  told: { id: string; 'aria-invalid': true | undefined; 'aria-describedby': string }
  changed: boolean
  back: ReactNode
}

function Input({ field, raw, set, label, told, changed, back }: InputProps) {
  const { t, i18n } = useLingui()
  const { shape, key, secret, value } = field
  const words = fieldOf(key)
  const none = i18n._(words.none ?? { id: 'none', message: 'None' })
  const state = { 'data-changed': changed ? '' : undefined, 'aria-invalid': told['aria-invalid'] }
  switch (shape.kind) {
    case 'switch':
      return (
        <div className="row setting-switch" {...state}>
          {back}
          <span className="end" />
          <span className="small muted" aria-hidden>
            {raw === true ? <Trans>on</Trans> : <Trans>off</Trans>}
          </span>
          <Switch
            id={told.id}
            checked={raw === true}
            label={label}
            describedBy={told['aria-describedby']}
            onChange={set}
          />
        </div>
      )
    case 'choice':
      return (
        <div className="input" {...state}>
          <select
            {...told}
            className="grow"
            aria-label={label}
            value={String(raw)}
            onChange={(event) => set(event.target.value)}
          >
            {shape.choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
          {back}
        </div>
      )
    case 'list':
      return (
        <div className="input setting-list" {...state}>
          <textarea
            {...told}
            aria-label={label}
            rows={3}
            value={(Array.isArray(raw) ? raw : []).join('\n')}
            placeholder={t`One a line`}
            onChange={(event) => set(event.target.value.split('\n'))}
          />
          {back}
        </div>
      )
    case 'secret':
      return (
        <div className="input" {...state}>
          <input
            {...told}
            type="password"
            autoComplete="new-password"
            aria-label={label}
            placeholder={changed ? t`Forgotten when saved` : value ? t`Set. Type to replace it.` : t`Not set`}
            value={String(raw ?? '')}
            onChange={(event) => set(event.target.value)}
          />
          {secret && back}
        </div>
      )
    case 'text':
      return (
        <div className="input" {...state}>
          <input
            {...told}
            className={words.code ? 'mono small' : undefined}
            aria-label={label}
            spellCheck={words.code ? 'false' : undefined}
            autoCapitalize="off"
            value={String(raw ?? '')}
            onChange={(event) => set(event.target.value)}
          />
          {back}
        </div>
      )
    default:
      return (
        <Amount
          field={field}
          raw={raw}
          set={set}
          label={label}
          none={none}
          told={told}
          state={state}
          back={back}
        />
      )
  }
}

function Amount({
  field,
  raw,
  set,
  label,
  none,
  told,
  state,
  back,
}: Omit<InputProps, 'changed'> & { none: string; state: object }) {
  const { t } = useLingui()
  const { shape, key, bytes } = field
  const { unit } = fieldOf(key)
  const [amount = '', size = 'GB'] = typeof raw === 'string' ? (bytes ? raw.split(' ') : [raw]) : ['']
  const units = { days: t`days`, seconds: t`seconds` }
  return (
    <div className="input" {...state}>
      {raw !== null && (
        <input
          {...told}
          className="setting-amount"
          inputMode={shape.kind === 'whole' && !bytes ? 'numeric' : 'decimal'}
          aria-label={label}
          value={amount}
          onChange={(event) => set(bytes ? joinSize(event.target.value, size as Size) : event.target.value)}
        />
      )}
      {bytes || shape.nullable ? (
        <select
          id={raw === null ? told.id : undefined}
          className={raw === null ? 'grow' : undefined}
          aria-label={raw === null ? label : t`Unit of ${label}`}
          value={raw === null ? '' : size}
          onChange={({ target }) =>
            set(
              target.value === ''
                ? null
                : bytes
                  ? joinSize(amount || '1', target.value as Size)
                  : amount || '1',
            )
          }
        >
          {shape.nullable && <option value="">{none}</option>}
          {bytes ? (
            SIZE_NAMES.slice(1)
              .concat(size === 'B' ? ['B'] : [])
              .map((name) => <option key={name}>{name}</option>)
          ) : (
            <option value="GB">{t`Number`}</option>
          )}
        </select>
      ) : (
        unit !== undefined && unit !== 'bytes' && <span className="muted nowrap">{units[unit]}</span>
      )}
      {back}
    </div>
  )
}
