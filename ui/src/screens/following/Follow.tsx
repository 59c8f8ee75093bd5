/** To follow something: a link, what is behind it, and how it is to be followed. */
import { Link, useNavigate } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Link2 } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { allQuery } from '../../api/subscriptions'
import { api, take, type Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Field } from '../../parts/Field'
import { PlatformSign } from '../../parts/Platform'
import { ReasonPill } from '../../parts/Reason'
import { Sentence } from '../../parts/Trouble'
import { useRested } from '../../parts/useRested'
import { queries } from '../../queries'
import { say } from '../../shell/toasts'
import { done } from '../../shell/undo'
import { formatMoment } from '../../words/format'
import { runBatch } from './acts'
import { isBegun, isLimit, keepNew, keptNew, limitOf, NOTHING, type NewDraft } from './draft'
import { LimitField, LoginField, TitleField } from './Fields'
import { Keep } from './Keep'
import { minutesOf, sentOf, USUAL } from './schedule'
import { When } from './When'
import { nameOf, plainly } from '../../words/jobs'
import { kindWords } from './words'

const REST_MS = 350
const LOOKS_LIKE_A_LINK = /^(?:https?:\/\/)?[^\s/.]+(?:\.[^\s/.]+)*(?::\d+)?(?:\/\S*)?$/i
const FORM = 'follow-form'
const EXAMPLE = 'https://'

type Preview = Schemas['LinkPreview']

export function Follow({ link: given, onClose }: { link: string; onClose: () => void }) {
  const { t } = useLingui()
  const navigate = useNavigate({ from: '/following' })
  const [resumed, setResumed] = useState(() => keptNew(given.trim()))
  const [draft, setDraft] = useState<NewDraft>(resumed ?? { ...NOTHING, link: given })
  const { link, title, timing, filter, limit, login } = draft
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const typed = link.trim()
  const rested = useRested(typed, REST_MS)
  const asked = rested !== '' && (rested === given.trim() || LOOKS_LIKE_A_LINK.test(rested))
  const {
    data: seen,
    error: unseen,
    isFetching,
  } = useQuery({
    queryKey: ['link-preview', rested, login],
    queryFn: ({ signal }) =>
      take(api.POST('/api/v1/links/preview', { body: { url: rested, login }, signal })),
    enabled: asked,
    staleTime: 60_000,
    retry: false,
  })
  const preview = seen !== undefined && rested === typed ? seen : undefined
  // The link stands in the address, so that the same sheet opens again.
  useEffect(() => {
    if (rested !== given)
      void navigate({ to: '/following', search: (now) => ({ ...now, follow: rested }), replace: true })
  }, [rested, given, navigate])
  useLayoutEffect(() => field.current?.focus(), [])
  const set = (more: Partial<NewDraft>) => {
    const next = { ...draft, ...more }
    setDraft(next)
    setError(null)
    if (isBegun(draft) || isBegun(next)) keepNew(next)
  }
  const discard = () => {
    set(NOTHING)
    setResumed(null)
    field.current?.focus()
  }
  const leave = () => {
    if (isBegun(draft)) say(t`What you have chosen for this link is kept as a draft.`)
    onClose()
  }
  const suggested = preview && minutesOf(preview.timing) !== null ? preview.timing : undefined
  const chosen = timing ?? USUAL(suggested)
  const follow = async () => {
    if (busy) return
    if (typed === '' || !isLimit(limit)) {
      setTried(true)
      if (typed === '') field.current?.focus()
      return
    }
    setBusy(true)
    setError(null)
    try {
      const made = await take(
        api.POST('/api/v1/subscriptions', {
          body: {
            url: typed,
            title: title.trim(),
            filter: filter.trim(),
            limit: limitOf(limit),
            login,
            zone: chosen.zone,
            ...sentOf(chosen),
          },
        }),
      )
      if (isBegun(draft)) keepNew(NOTHING)
      const name = nameOf(made)
      done(t`You follow ${name}.`, () => runBatch([made.id], { kind: 'unfollow' }))
      await queries.invalidateQueries({ queryKey: allQuery.queryKey })
      onClose()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  const known = preview?.subscription ?? null
  const placeholder = preview === undefined ? '' : titleOf(preview)
  return (
    <Modal
      as="sheet"
      width={600}
      title={<Trans>Follow</Trans>}
      lead={<Trans>New posts come in by themselves, older ones slowly behind them.</Trans>}
      onClose={leave}
      footer={
        <>
          <span className="grow small">
            {error !== null && (
              <span className="error" role="alert">
                <Sentence error={error} />
              </span>
            )}
          </span>
          <Button kind="quiet" onClick={leave}>
            <Trans>Not now</Trans>
          </Button>
          {known === null ? (
            <Button kind="primary" busy={busy} submit form={FORM}>
              <Trans>Follow</Trans>
            </Button>
          ) : (
            <Link
              className="btn"
              data-kind="primary"
              from="/following"
              to="/following/$subscription"
              params={{ subscription: String(known) }}
              search={(now) => ({ ...now, follow: undefined })}
            >
              <Trans>Show it</Trans>
            </Link>
          )}
        </>
      }
    >
      <form
        id={FORM}
        className="editing"
        onSubmit={(event) => {
          event.preventDefault()
          void follow()
        }}
      >
        {resumed !== null && (
          <div className="note">
            <span className="grow small">
              <Trans>This is what you chose before. It is not followed yet.</Trans>
            </span>
            <Button size="sm" onClick={discard}>
              <Trans>Discard</Trans>
            </Button>
          </div>
        )}
        <Field
          ref={field}
          label={t`Link`}
          type="text"
          inputMode="url"
          autoComplete="off"
          spellCheck="false"
          value={link}
          placeholder={EXAMPLE}
          error={tried && typed === '' ? t`Paste the link of what you want to follow.` : undefined}
          before={<Link2 className="icon" aria-hidden />}
          onChange={(event) => set({ link: event.target.value })}
        />
        {asked && rested === typed && <Seen preview={preview} error={unseen} busy={isFetching} />}
        {known === null && (
          <>
            <TitleField title={title} placeholder={placeholder} onChange={(title) => set({ title })} />
            <When
              timing={chosen}
              platform={preview?.platform ?? null}
              suggested={suggested}
              onChange={(timing) => set({ timing })}
            />
            <Keep filter={filter} onChange={(filter) => set({ filter })} />
            <LimitField limit={limit} tried={tried} onChange={(limit) => set({ limit })} />
            {preview?.platform != null && (
              <LoginField platform={preview.platform} login={login} onChange={(login) => set({ login })} />
            )}
          </>
        )}
      </form>
    </Modal>
  )
}

interface SeenProps {
  preview: Preview | undefined
  error: unknown
  busy: boolean
}

const titleOf = ({ title, platform, feed, key, url }: Preview) =>
  nameOf({ title, platform: platform ?? '', feed: feed ?? '', key: key ?? '' }) || plainly(url)

/** What is behind the link, as far as it could be seen. */
function Seen({ preview, error, busy }: SeenProps) {
  if (preview === undefined)
    return error !== null && !busy ? (
      <p className="note" data-family="stuck" role="status">
        <Sentence error={error} />
      </p>
    ) : (
      <div className="seen" role="status" aria-busy="true">
        <span className="small soft">
          <Trans>Looking at what is there…</Trans>
        </span>
      </div>
    )
  const fresh = preview.states.new ?? 0
  const all = Object.values(preview.states).reduce((sum, count) => sum + count, 0)
  const { platform, feed } = preview
  const posts = [...new Map(preview.items.map((item) => [item.post, item])).values()]
  return (
    <section className="seen" role="status">
      <div className="row">
        {platform !== null && <PlatformSign platform={platform} size="lg" />}
        <div className="grow">
          <div className="strong cut">{titleOf(preview)}</div>
          <div className="small soft cut">
            {platform !== null && feed !== null ? kindWords({ platform, feed, host: '' }) : preview.url}
          </div>
        </div>
        {preview.reason !== null && <ReasonPill reason={preview.reason} />}
      </div>
      {preview.subscription !== null && (
        <p className="small">
          <strong>
            <Trans>You follow this already.</Trans>
          </strong>
        </p>
      )}
      {preview.detail !== null && <p className="small soft">{preview.detail}</p>}
      {all > 0 && (
        <p className="small">
          <Plural value={all} one="One was looked at," other="# were looked at," />{' '}
          {fresh === all ? (
            <Trans>all of them new to you.</Trans>
          ) : (
            <Plural value={fresh} one="# of them new to you." other="# of them new to you." />
          )}
        </p>
      )}
      {preview.items.length > 0 && (
        <ul className="glimpses">
          {posts.slice(0, 4).map((item, place) => (
            <li key={place} className="row small" data-known={item.media !== null ? '' : undefined}>
              <span className="cut grow">{item.caption === '' ? item.post : item.caption}</span>
              {item.posted_at !== null && (
                <span className="muted nowrap">{formatMoment(item.posted_at)}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
