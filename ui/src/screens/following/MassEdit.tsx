/** The same change of many subscriptions, seen as a difference before it is made. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ArrowRight } from 'lucide-react'
import { useState } from 'react'
import { nameOf } from '../../words/jobs'
import { Problem, type Schemas } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Sentence } from '../../parts/Trouble'
import { useRested } from '../../parts/useRested'
import { queries } from '../../queries'
import { say } from '../../shell/toasts'
import { decided } from '../../shell/undo'
import { previewBatch, runBatch } from './acts'
import { isLimit, isUnchanged, keepMany, keptMany, limitOf, UNCHANGED, type ManyChange } from './draft'
import { LimitField, LoginField, LoginName } from './Fields'
import { Keep } from './Keep'
import { sentOf, USUAL, type Subscription } from './schedule'
import { When } from './When'
import { formatNumber } from '../../words/format'
import { lengthWords } from './words'

type EditAction = Schemas['EditSubscriptions']

export function MassEdit({ chosen, onClose }: { chosen: readonly Subscription[]; onClose: () => void }) {
  const { t } = useLingui()
  const mayLogin = useMay('logins:read')
  const platforms = [...new Set(chosen.map((one) => one.platform))]
  const [platform = null] = platforms.length === 1 ? platforms : []
  const [resumed, setResumed] = useState(() => begunOf(chosen, mayLogin && platform !== null))
  const [change, setChange] = useState(resumed)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const ids = chosen.map((one) => one.id)
  const set = (more: Partial<ManyChange>) => {
    const next = { ...change, ...more }
    setChange(next)
    setError(null)
    keepMany({ ids, change: next })
  }
  const discard = () => {
    set(UNCHANGED)
    setResumed(UNCHANGED)
  }
  const leave = () => {
    if (!isUnchanged(change)) say(t`What you have chosen for these is kept as a draft.`)
    onClose()
  }
  const action = actionOf(change)
  const wanted = JSON.stringify({ ids, action })
  const rested = useRested(wanted, 350)
  const asked = JSON.parse(rested) as { ids: number[]; action: EditAction | null }
  const {
    data: preview,
    error: refused,
    isPlaceholderData: before,
  } = useQuery({
    queryKey: ['batch-preview', rested],
    queryFn: () => (asked.action === null ? null : previewBatch(asked.ids, asked.action)),
    enabled: asked.action !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const isOf = rested === wanted && !before
  const save = async () => {
    if (!isLimit(change.limit ?? '')) {
      setError(new Problem(422, '', t`A whole number from 1 to 1,000,000, or nothing for all of them.`, ''))
      return
    }
    if (action === null) return
    setBusy(true)
    try {
      const decision = await runBatch(ids, action)
      decided(decision.title, decision)
      keepMany({ ids, change: UNCHANGED })
      onClose()
      void queries.invalidateQueries({ queryKey: ['subscriptions'] })
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  const { length } = chosen
  const changes = isOf ? preview?.change : undefined
  return (
    <Modal
      as="sheet"
      width={600}
      title={<Plural value={length} one="Change # subscription" other="Change # subscriptions" />}
      lead={<Trans>Only what you switch on is changed.</Trans>}
      onClose={leave}
      footer={
        <>
          <span className="grow small">
            {error !== null ? (
              <span className="error" role="alert">
                <Sentence error={error} />
              </span>
            ) : isUnchanged(change) ? (
              <span className="soft">
                <Trans>Nothing is changed yet.</Trans>
              </span>
            ) : null}
          </span>
          <Button kind="quiet" onClick={leave}>
            <Trans>Not now</Trans>
          </Button>
          {!isUnchanged(change) && (
            <Button kind="primary" busy={busy} onClick={() => void save()}>
              {changes === undefined ? (
                <Trans>Change</Trans>
              ) : (
                <Plural value={changes} one="Change #" other="Change #" />
              )}
            </Button>
          )}
        </>
      }
    >
      <div className="editing">
        {!isUnchanged(resumed) && (
          <div className="note">
            <span className="grow small">
              <Trans>This is what you chose before. Nothing is changed yet.</Trans>
            </span>
            <Button size="sm" onClick={discard}>
              <Trans>Discard</Trans>
            </Button>
          </div>
        )}
        <Part
          name={t`Times`}
          on={change.timing !== null}
          onSwitch={(on) => set({ timing: on ? USUAL('6h') : null })}
        >
          {change.timing && (
            <When timing={change.timing} platform={platform} onChange={(timing) => set({ timing })} />
          )}
        </Part>
        <Part
          name={t`What to keep`}
          on={change.filter !== null}
          onSwitch={(on) => set({ filter: on ? sameFilter(chosen) : null })}
        >
          {change.filter !== null && <Keep filter={change.filter} onChange={(filter) => set({ filter })} />}
        </Part>
        <Part
          name={t`How far back`}
          on={change.limit !== null}
          onSwitch={(on) => set({ limit: on ? '' : null })}
        >
          {change.limit !== null && <LimitField limit={change.limit} onChange={(limit) => set({ limit })} />}
        </Part>
        {mayLogin && platform !== null && (
          <Part
            name={t`Login`}
            on={change.login !== undefined}
            onSwitch={(on) => set({ login: on ? sameLogin(chosen) : undefined })}
          >
            {change.login !== undefined && (
              <LoginField platform={platform} login={change.login} onChange={(login) => set({ login })} />
            )}
          </Part>
        )}
        {refused ? (
          <p className="error" role="alert">
            <Sentence error={refused} />
          </p>
        ) : (
          action !== null && preview && <Diff preview={preview} chosen={chosen} old={!isOf} />
        )}
      </div>
    </Modal>
  )
}

/** What was chosen before for the very same. */
function begunOf(chosen: readonly Subscription[], mayLogin: boolean): ManyChange {
  const kept = keptMany()
  const ids = new Set(kept?.ids)
  if (kept === null || ids.size !== chosen.length || chosen.some((one) => !ids.has(one.id))) return UNCHANGED
  return mayLogin ? kept.change : { ...kept.change, login: undefined }
}

/** What is sent; null where nothing is switched on, and where a limit is none. */
function actionOf(change: ManyChange): EditAction | null {
  const { timing, filter, limit, login } = change
  if (isUnchanged(change) || !isLimit(limit ?? '')) return null
  return {
    kind: 'edit',
    zone: 'UTC',
    ...(timing === null ? {} : sentOf(timing)),
    ...(filter === null ? {} : { filter: filter.trim() }),
    ...(limit === null ? {} : { limit: limitOf(limit) }),
    ...(login === undefined ? {} : { login }),
  }
}

/** The filter that all of them have; else none. */
function sameFilter(chosen: readonly Subscription[]): string {
  const [first] = chosen
  return first !== undefined && chosen.every((one) => one.filter === first.filter) ? first.filter : ''
}

/** The login that all of them have; else none. */
function sameLogin(chosen: readonly Subscription[]): number | null {
  const [first] = chosen
  return first !== undefined && chosen.every((one) => one.login === first.login) ? first.login : null
}

interface PartProps {
  name: string
  on: boolean
  onSwitch: (on: boolean) => void
  children: React.ReactNode
}

function Part({ name, on, onSwitch, children }: PartProps) {
  return (
    <section className="part">
      <label className="row">
        <input type="checkbox" checked={on} onChange={(event) => onSwitch(event.target.checked)} />
        <span className="strong">{name}</span>
      </label>
      {children}
    </section>
  )
}

type Preview = Schemas['BatchPreview']
interface Told {
  id: number
  before: Record<string, unknown>
  after: Record<string, unknown>
}

interface DiffProps {
  preview: Preview
  chosen: readonly Subscription[]
  /** It belongs to what stood there a moment ago. */
  old: boolean
}

/** What would be different of each, as it is and as it would be. */
function Diff({ preview, chosen, old }: DiffProps) {
  const { t } = useLingui()
  const { change, same } = preview
  const examples: readonly Told[] = preview.examples
  const names: Record<string, string> = {
    timing: t`times`,
    adaptive: t`adaptive`,
    filter: t`keeps`,
    limit: t`back`,
    title: t`title`,
    login: t`login`,
  }
  const more = change - examples.length
  return (
    <section className="difference" role="status" data-old={old ? '' : undefined}>
      <h3>
        <Plural value={change} one="Change to # subscription" other="Changes to # subscriptions" />
      </h3>
      {same > 0 && (
        <p className="small soft">
          <Plural value={same} one="# is so already." other="# are so already." />
        </p>
      )}
      {preview.cannot.map((one) => (
        <p key={one.reason} className="small soft">
          {one.count} · {one.reason}
        </p>
      ))}
      <ul className="diff">
        {examples.map((example) => (
          <li key={example.id}>
            <div className="strong cut">
              {chosen.filter((one) => one.id === example.id).map((one) => nameOf(one))}
            </div>
            {Object.keys(example.after).map((name) => (
              <div key={name} className="row wrap small">
                <span className="muted">{names[name] ?? name}</span>
                <del>
                  <Value name={name} value={example.before[name]} />
                </del>
                <ArrowRight className="icon" aria-hidden />
                <ins>
                  <Value name={name} value={example.after[name]} />
                </ins>
              </div>
            ))}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className="small soft">
          <Plural value={more} one="and # more in the same way" other="and # more in the same way" />
        </p>
      )}
    </section>
  )
}

/** A value of a subscription, as the server tells it among its differences. */
function Value({ name, value }: { name: string; value: unknown }) {
  if (name === 'timing' && typeof value === 'object' && value !== null) {
    const { seconds, cron, zone } = value as { seconds?: number; cron?: string; zone?: string }
    if (seconds !== undefined) {
      const length = lengthWords(seconds)
      return <Trans>every {length}</Trans>
    }
    return (
      <span className="mono">
        {cron} {zone}
      </span>
    )
  }
  if (name === 'adaptive') {
    if (typeof value !== 'object' || value === null) return <Trans>no</Trans>
    const { shortest_s: from, longest_s: to } = value as { shortest_s: number; longest_s: number }
    const [least, most] = [lengthWords(from), lengthWords(to)]
    return (
      <Trans>
        {least} to {most}
      </Trans>
    )
  }
  if (name === 'login') return <LoginName login={typeof value === 'number' ? value : null} />
  if (value === null || value === '') return name === 'limit' ? <Trans>all</Trans> : <Trans>everything</Trans>
  return (
    <span className={name === 'filter' ? 'mono' : undefined}>
      {typeof value === 'number' ? formatNumber(value) : (value as string)}
    </span>
  )
}
