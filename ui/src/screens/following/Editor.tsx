/** One subscription in a sheet over the list: how it does, when and what, its name and access. */
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { allQuery } from '../../api/subscriptions'
import { nameOf } from '../../words/jobs'
import { api, Problem, takeVersioned } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Picture } from '../../parts/Picture'
import { Sentence, Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import type { SubscriptionTab } from '../../routes'
import { say } from '../../shell/toasts'
import { done, giveBack } from '../../shell/undo'
import { formatDay } from '../../words/format'
import { oneQuery, useBrought } from './data'
import { begin, changeOf, changesOf, draftOf, isLimit, keepDraft, type Draft, type Part } from './draft'
import { LimitField, LoginField, TitleField } from './Fields'
import { Hook } from './Hook'
import { Keep } from './Keep'
import { Overview } from './Overview'
import type { Subscription } from './schedule'
import { When } from './When'
import { kindWords } from './words'

const route = getRouteApi('/inside/following/$subscription')
const parent = getRouteApi('/inside/following')

export function Editor() {
  const number = Number(route.useParams().subscription)
  const navigate = useNavigate()
  const list = parent.useSearch()
  const close = () => void navigate({ to: '/following', search: list })
  const { data, error, refetch } = useQuery(oneQuery(number))
  const listed = useQuery(allQuery).data?.find((one) => one.id === number)
  if (data === undefined)
    return (
      <Modal
        as="sheet"
        width={600}
        title={listed ? nameOf(listed) : <Trans>Subscription</Trans>}
        onClose={close}
      >
        {error instanceof Problem && error.status === 404 ? (
          <p className="soft">
            <Trans>This is not followed, or no longer.</Trans>
          </p>
        ) : error ? (
          <Trouble error={error} onRetry={() => void refetch()} />
        ) : (
          <div className="skeleton sheetful" aria-busy="true" />
        )}
      </Modal>
    )
  return <Sheet key={number} saved={data.value} etag={data.etag} onClose={close} />
}

interface SheetProps {
  saved: Subscription
  etag: string | null
  onClose: () => void
}

function Sheet({ saved, etag, onClose }: SheetProps) {
  const { t } = useLingui()
  const may = useMay('following:write')
  const { tab } = route.useSearch()
  const picture = useBrought(saved.id)?.pictures[0]
  const edit = useEdit(saved, etag)
  const title = nameOf(saved)
  const leave = () => {
    if (edit.changes.length > 0) say(t`Your changes of ${title} are kept as a draft.`)
    onClose()
  }
  const kind = kindWords(saved)
  const since = formatDay(saved.created_at)
  const names = usePartNames()
  const changed = edit.changes.map((part) => names[part]).join(', ')
  const submit = async () => {
    if (await edit.save()) onClose()
  }
  return (
    <Modal
      as="sheet"
      width={600}
      title={
        <span className="row">
          <Picture
            src={picture ? `${picture.thumbnail}&size=320` : null}
            alt=""
            thumbhash={picture?.thumbhash ?? null}
          />
          <span className="cut">{title}</span>
        </span>
      }
      lead={
        <span className="lead">
          <Trans>
            {kind} · followed since {since}
          </Trans>
        </span>
      }
      onClose={leave}
      footer={
        may && (edit.changes.length > 0 || tab !== undefined) ? (
          <>
            <span className="small soft grow">
              {edit.changes.length > 0 && (
                <>
                  <Plural value={edit.changes.length} one="# change:" other="# changes:" /> {changed}
                </>
              )}
            </span>
            {edit.changes.length > 0 && (
              <Button kind="quiet" onClick={edit.discard}>
                <Trans>Discard</Trans>
              </Button>
            )}
            <Button kind="primary" busy={edit.busy} onClick={() => void submit()}>
              <Trans>Save</Trans>
            </Button>
          </>
        ) : undefined
      }
    >
      <SheetTabs tab={tab} />
      {edit.resumed && edit.changes.length > 0 && (
        <div className="note">
          <span className="grow small">
            <Trans>These are your changes from before. They are not saved yet.</Trans>
          </span>
          <Button size="sm" onClick={edit.discard}>
            <Trans>Discard</Trans>
          </Button>
        </div>
      )}
      {edit.theirs && <Conflict edit={edit} names={names} />}
      {edit.error !== null && (
        <p className="error" role="alert">
          <Sentence error={edit.error} />
        </p>
      )}
      {tab === undefined && <Overview one={saved} onGone={onClose} />}
      {tab === 'when' && (
        <fieldset className="editing" disabled={!may}>
          <When
            timing={edit.draft.timing}
            platform={saved.platform}
            standing={edit.changes.includes('timing') ? null : saved.next_runs}
            onChange={(timing) => edit.set({ timing })}
          />
          <Keep
            filter={edit.draft.filter}
            subscription={saved.id}
            onChange={(filter) => edit.set({ filter })}
          />
          <LimitField limit={edit.draft.limit} onChange={(limit) => edit.set({ limit })} />
        </fieldset>
      )}
      {tab === 'access' && (
        <>
          <fieldset className="editing" disabled={!may}>
            <TitleField
              title={edit.draft.title}
              error={edit.draft.title.trim() === '' ? t`A title has at least one letter.` : undefined}
              onChange={(title) => edit.set({ title })}
            />
            <LoginField
              platform={saved.platform}
              login={edit.draft.login}
              onChange={(login) => edit.set({ login })}
            />
          </fieldset>
          <Hook number={saved.id} />
        </>
      )}
    </Modal>
  )
}

function SheetTabs({ tab }: { tab: SubscriptionTab | undefined }) {
  const { t } = useLingui()
  const navigate = useNavigate({ from: '/following/$subscription' })
  const tabs: [SubscriptionTab | undefined, string][] = [
    [undefined, t`Overview`],
    ['when', t`When & what`],
    ['access', t`Name & access`],
  ]
  const go = (place: number) =>
    void navigate({ search: (now) => ({ ...now, tab: tabs.at(place % tabs.length)?.[0] }), replace: true })
  return (
    <div className="subnav" role="tablist" aria-label={t`Parts of the subscription`}>
      {tabs.map(([one, words], place) => (
        <button
          key={words}
          type="button"
          role="tab"
          aria-selected={tab === one}
          tabIndex={tab === one ? 0 : -1}
          onClick={() => go(place)}
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
            if (step === undefined) return
            const row = event.currentTarget.parentElement?.querySelectorAll('button')
            go(place + step)
            row?.item((place + step + tabs.length) % tabs.length).focus()
          }}
        >
          {words}
        </button>
      ))}
    </div>
  )
}

function usePartNames(): Record<Part, string> {
  const { t } = useLingui()
  return {
    timing: t`times`,
    filter: t`what to keep`,
    limit: t`how far back`,
    title: t`title`,
    login: t`login`,
  }
}

type Edit = ReturnType<typeof useEdit>

/** What is being changed: kept as a draft, compared with what is saved, and sent with its version. */
function useEdit(saved: Subscription, etag: string | null) {
  const { t } = useLingui()
  const [begun] = useState(() => begin(saved.id, { draft: draftOf(saved), etag }))
  // The base stays what it was when the work began, so that a change by somebody else is seen as one.
  const [base, setBase] = useState(begun.base)
  const [draft, setDraft] = useState(begun.draft)
  const [resumed, setResumed] = useState(() => changesOf(draft, base.draft).length > 0)
  const [theirs, setTheirs] = useState(begun.theirs)
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const changes = changesOf(draft, base.draft)
  if (changes.length === 0 && theirs === null && base.etag !== etag) {
    const fresh = draftOf(saved)
    setBase({ draft: fresh, etag })
    setDraft(fresh)
  }
  const set = (more: Partial<Draft>) => {
    const next = { ...draft, ...more }
    setDraft(next)
    setError(null)
    keepDraft(saved.id, next, base)
  }
  const discard = () => {
    keepDraft(saved.id, null)
    setDraft(draftOf(saved))
    setBase({ draft: draftOf(saved), etag })
    setResumed(false)
    setTheirs(null)
    setError(null)
  }
  const number = saved.id
  const look = () =>
    takeVersioned(api.GET('/api/v1/subscriptions/{number}', { params: { path: { number } } }))
  const send = (parts: readonly Part[], values: Draft, version: string | null) =>
    takeVersioned(
      api.PATCH('/api/v1/subscriptions/{number}', {
        params: {
          path: { number },
          ...(version === null ? {} : { header: { 'if-match': version } }),
        },
        body: changeOf(values, parts),
      }),
    )
  const save = async (over: string | null = base.etag): Promise<boolean> => {
    if (changes.length === 0) return true
    if (!isLimit(draft.limit)) {
      setError(new Problem(422, '', t`A whole number from 1 to 1,000,000, or nothing for all of them.`, ''))
      return false
    }
    if (draft.title.trim() === '') {
      setError(new Problem(422, '', t`A title has at least one letter.`, ''))
      return false
    }
    setBusy(true)
    setError(null)
    try {
      const { value, etag: version } = await send(changes, draft, over)
      const before = (theirs ?? base).draft
      keepDraft(number, null)
      setBase({ draft: draftOf(value), etag: version })
      setDraft(draftOf(value))
      setResumed(false)
      setTheirs(null)
      const { queryKey } = oneQuery(number)
      void queries.cancelQueries({ queryKey }) // what was asked before the change may be told after it
      queries.setQueryData(queryKey, { value, etag: version })
      void queries.invalidateQueries({ queryKey })
      const name = nameOf(value)
      const after = draftOf(value)
      done(t`${name} is changed.`, () =>
        giveBack({
          look,
          isOurs: (now) => !changesOf(draftOf(now), after).some((part) => changes.includes(part)),
          back: (now) => send(changes, before, now),
        }),
      )
      await queries.invalidateQueries({ queryKey: allQuery.queryKey })
      return true
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 412) {
        const now = await look().catch(() => null)
        if (now) setTheirs({ draft: draftOf(now.value), etag: now.etag })
        else setError(problem)
      } else setError(problem)
      return false
    } finally {
      setBusy(false)
    }
  }
  return { base, draft, set, changes, discard, save, busy, error, resumed, theirs }
}

/** Somebody else was quicker: what they changed, and the two ways on. */
function Conflict({ edit, names }: { edit: Edit; names: Record<Part, string> }) {
  const { theirs, base } = edit
  if (theirs === null) return null
  const parts = changesOf(theirs.draft, base.draft).map((part) => names[part])
  const list = parts.join(', ')
  return (
    <div className="note conflict" data-family="you" role="alert">
      <div className="grow col">
        <strong>
          <Trans>Somebody changed this while you were at it.</Trans>
        </strong>
        <span className="small">
          {parts.length > 0 ? (
            <Trans>Changed meanwhile: {list}. Nothing of yours is lost.</Trans>
          ) : (
            <Trans>Nothing of yours is lost.</Trans>
          )}
        </span>
      </div>
      <Button size="sm" kind="you" busy={edit.busy} onClick={() => void edit.save(theirs.etag)}>
        <Trans>Save mine on top</Trans>
      </Button>
      <Button size="sm" onClick={edit.discard}>
        <Trans>Take theirs</Trans>
      </Button>
    </div>
  )
}
