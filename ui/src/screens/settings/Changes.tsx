import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '../../api/client'
import { Button } from '../../parts/Button'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { say } from '../../shell/toasts'
import { done, giveBack } from '../../shell/undo'
import type { Refusals } from './Control'
import { isStale, lookAt, patch, settingsQuery, type Field, type Pending, type View } from './data'
import { discard, drop } from './draft'
import { focusOn } from './focus'
import { same, type Value } from './form'
import { consequenceOf, valueInWords } from './words'

/** Where it lies below the form, over its end. */
const NARROW = '(max-width: 1240px)'

interface ChangesProps {
  pending: readonly Pending[]
  views: readonly View[]
  onRefused: (refusals: Refusals) => void
}

/** What would be saved, always in sight: from what to what, and what follows from it. */
export function Changes({ pending, views, onRefused }: ChangesProps) {
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const wrong = pending.filter(({ reading }) => reading.fault !== null)
  const meanwhile = pending.some((one) => one.meanwhile)
  const goTo = ({ key, section }: Field) => {
    if (!focusOn(key)) void navigate({ to: '/settings', search: { section }, hash: key })
  }
  const save = async () => {
    const first = wrong[0]
    if (first) {
      goTo(first.field)
      return
    }
    setBusy(true)
    setError(null)
    onRefused({})
    try {
      await saveAll(pending, views)
    } catch (caught) {
      if (isStale(caught)) await queries.invalidateQueries({ queryKey: settingsQuery.queryKey })
      const named = refusedField(caught, pending)
      if (named && caught instanceof Problem) {
        const raw = pending.find(({ field }) => field.key === named.key)?.change.raw ?? null
        onRefused({ [named.key]: { raw, said: caught.message } })
        goTo(named)
      } else setError(caught)
    } finally {
      setBusy(false)
    }
  }
  if (pending.length === 0)
    return (
      <aside className="changes" data-idle>
        <div className="card" data-flat>
          <h3>
            <Trans>Nothing to save</Trans>
          </h3>
          <p className="small soft">
            <Trans>
              What you change stands here first, with what follows from it. Nothing counts before you save.
            </Trans>
          </p>
        </div>
      </aside>
    )
  return (
    <aside className="changes">
      <section className="card">
        <details open={!matchMedia(NARROW).matches}>
          <summary>
            <h3>
              <Plural value={pending.length} one="# change, not saved" other="# changes, not saved" />
            </h3>
          </summary>
          <ul className="diff">
            {pending.map((one) => (
              <Difference key={one.field.key} {...one} />
            ))}
          </ul>
        </details>
        {error !== null && <Stale error={error} />}
        <div className="row">
          <Button kind="primary" busy={busy} onClick={() => void save()}>
            {busy ? <Trans>Saving</Trans> : <Trans>Save</Trans>}
          </Button>
          <Button
            kind="quiet"
            onClick={() => {
              setError(null)
              onRefused({})
              discard()
            }}
          >
            <Trans>Discard all</Trans>
          </Button>
        </div>
        <p className="tiny muted">
          {wrong.length > 0 ? (
            <Plural value={wrong.length} one="Correct one value first." other="Correct # values first." />
          ) : meanwhile ? (
            <Trans>Somebody else has changed some of this. Save to keep yours.</Trans>
          ) : (
            <Trans>
              Saving is written to the audit. Changes are kept here until you save or close the tab.
            </Trans>
          )}
        </p>
      </section>
    </aside>
  )
}

function Stale({ error }: { error: unknown }) {
  if (!isStale(error)) return <Trouble error={error} />
  return (
    <div className="note small" data-family="waiting" role="alert">
      <Trans>
        Somebody else saved these settings meanwhile. What they changed is shown now. Look, then save again.
      </Trans>
    </div>
  )
}

function Difference({ field, change, reading }: Pending) {
  const { i18n } = useLingui()
  const before = valueInWords(field.key, field.value, field.secret)
  const after = field.secret
    ? valueInWords(field.key, change.raw !== '', true)
    : reading.fault
      ? String(change.raw ?? '')
      : valueInWords(field.key, reading.value, false)
  const follows = reading.fault ? null : consequenceOf(field.key, field.value, reading.value)
  return (
    <li>
      <Link
        className="strong"
        to="/settings"
        search={{ section: field.section }}
        hash={field.key}
        onClick={(event) => {
          if (focusOn(field.key)) event.preventDefault()
        }}
      >
        {i18n._(field.label)}
      </Link>
      <div className="diff-values">
        <del>
          <span className="vh">
            <Trans>before:</Trans>{' '}
          </span>
          {before}
        </del>
        <span aria-hidden> → </span>
        <span className="vh">
          <Trans>then:</Trans>{' '}
        </span>
        {reading.fault ? (
          <span className="diff-wrong">
            <Trans>{after}, not possible</Trans>
          </span>
        ) : (
          <ins>{after}</ins>
        )}
      </div>
      {follows !== null && <div className="muted">{follows}</div>}
    </li>
  )
}

/** The field that a refusal names, if it names one of those that were sent. */
function refusedField(error: unknown, pending: readonly Pending[]): Field | null {
  if (!(error instanceof Problem) || error.status !== 422) return null
  const named = pending.find(({ field }) => error.message.includes(field.key))
  return (named ?? (pending.length === 1 ? pending[0] : undefined))?.field ?? null
}

interface Inverse {
  section: string
  before: Record<string, Value>
  after: Record<string, Value>
}

/** Saves section by section; what is saved is no change any more, even if a later section is refused. */
async function saveAll(pending: readonly Pending[], views: readonly View[]) {
  const sections = [...new Set(pending.map(({ field }) => field.section))]
  const inverses: Inverse[] = []
  let saved = 0
  try {
    for (const section of sections) {
      const mine = pending.filter(({ field }) => field.section === section)
      const version = views.find((view) => view.section === section)?.version
      const sent = Object.fromEntries(
        mine.map(({ field, reading, change }) => [field.name, field.secret ? change.raw : reading.value]),
      )
      const view = await patch(section, sent, version === undefined ? null : `"${version}"`)
      const open = mine.filter(({ field }) => !field.secret)
      if (open.length)
        inverses.push({
          section,
          before: Object.fromEntries(open.map(({ field }) => [field.name, field.value])),
          after: Object.fromEntries(open.map(({ field }) => [field.name, view.values[field.name] as Value])),
        })
      drop(...mine.map(({ field }) => field.key))
      saved += mine.length
    }
  } finally {
    if (saved > 0) tell(saved, inverses)
  }
}

function tell(saved: number, inverses: Inverse[]) {
  const text = <Plural value={saved} one="# setting saved." other="# settings saved." />
  if (inverses.length === 0) say(text)
  else
    done(text, async () => {
      for (let last = inverses.at(-1); last !== undefined; last = inverses.at(-1)) {
        const { section, before, after } = last
        await giveBack({
          look: () => lookAt(section),
          isOurs: ({ values }) =>
            Object.keys(after).every((name) => same(values[name] as Value, after[name])),
          back: (etag) => patch(section, before, etag),
        })
        inverses.pop()
      }
    })
}
