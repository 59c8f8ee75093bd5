import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { ArrowDownToLine, Link2, Rss } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { api, take } from '../../api/client'
import { Button } from '../../parts/Button'
import { focused } from '../../parts/focused'
import { PlatformSign } from '../../parts/Platform'
import { ReasonPill } from '../../parts/Reason'
import { Sentence } from '../../parts/Trouble'
import { NEWEST, useEntry, type Entry, type Sent } from '../../shell/entry'
import { useIncoming } from '../../shell/incoming'
import { isOne, LINK_KINDS } from '../../shell/links'
import { LinkPreview } from '../../shell/LinkPreview'
import { say } from '../../shell/toasts'
import '../../shell/omnibar.css'
import { plainly } from '../../words/jobs'
import { Brand } from '../sign-in/Frame'
import { Arriving } from './Arriving'
import { Steps } from './Steps'
import { Ticks } from './trial'

/** The first link: one big field, what is behind it, and how it comes in. */
export function LinkStep({ jobs }: { jobs: string }) {
  return (
    <div className="first">
      <header>
        <Brand />
        <Steps at={3} />
      </header>
      <main>{jobs === '' ? <Asking /> : <Arriving jobs={jobs} />}</main>
    </div>
  )
}

function Asking() {
  const { t, i18n } = useLingui()
  const entry = useEntry()
  const arrive = useArriving()
  useIncoming(entry.take)
  const [link] = entry.links
  const started = startedBy(entry)
  const { sent } = entry
  const refusals = useMemo(() => sent.filter((row) => row.state === 'refused'), [sent])
  const [refused] = refusals
  const gone = useRef(false)
  useEffect(() => {
    if (started === '' || gone.current) return
    gone.current = true
    // The page goes on with the others.
    for (const row of refusals) say(<Refusal row={row} named />, { tone: 'trouble' })
    arrive(started)
  }, [started, refusals, arrive])
  const sending = entry.sent.some((row) => row.state === 'sending')
  const kind = link === undefined ? null : entry.kind
  return (
    <>
      <h1>
        <Trans>Paste a link to something you like</Trans>
      </h1>
      <p className="lead soft">
        <Trans>A profile, a post, a video, a forum thread, a feed.</Trans>
      </p>
      <form
        className="bigfield"
        onSubmit={(event) => {
          event.preventDefault()
          if (link !== undefined) entry.get(isOne(kind) ? null : NEWEST)
        }}
      >
        {link === undefined ? (
          <Link2 className="icon" aria-hidden />
        ) : (
          <PlatformSign platform={entry.preview.data?.platform ?? link.platform ?? 'web'} />
        )}
        <input
          aria-label={t`A link`}
          placeholder={t`https://`}
          value={entry.text}
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          ref={focused}
          onChange={(event) => entry.setText(event.target.value)}
        />
        {kind !== null && <span className="chip">{i18n._(LINK_KINDS[kind])}</span>}
      </form>
      {link !== undefined && <Card entry={entry} sending={sending} />}
      {entry.text.trim() !== '' && link === undefined && (
        <p className="small muted says">
          <Trans>A link begins with https://, or with the name of a site and a slash.</Trans>
        </p>
      )}
      {refused !== undefined && (
        <div className="note says" data-family="stuck" role="alert">
          {refused.reason !== null && <ReasonPill reason={refused.reason} />}
          <span className="grow">
            <Refusal row={refused} />
          </span>
        </div>
      )}
      <Ticks />
      <Demo />
    </>
  )
}

function Refusal({ row, named }: { row: Sent; named?: boolean }) {
  return (
    <>
      {named && <span className="strong">{plainly(row.url)} </span>}
      {row.detail ?? <Trans>Nothing will come of this link.</Trans>}
    </>
  )
}

function Card({ entry, sending }: { entry: Entry; sending: boolean }) {
  const { preview, links, kind } = entry
  const single = isOne(kind)
  const schedule = preview.data?.schedule
  return (
    <section className="card seen-card">
      {links.length > 1 ? (
        <p className="strong">
          <Plural value={links.length} one="# link" other="# links" />
        </p>
      ) : (
        <LinkPreview entry={entry} />
      )}
      <div className="row wrap choose">
        <Button
          kind="primary"
          icon={ArrowDownToLine}
          busy={sending}
          onClick={() => entry.get(single ? null : NEWEST)}
        >
          {single ? <Trans>Get it</Trans> : <Trans>Get the newest {NEWEST}</Trans>}
        </Button>
        {!single && preview.data?.subscription == null && (
          <Button icon={Rss} onClick={() => entry.follow()}>
            <Trans>Follow from now on</Trans>
          </Button>
        )}
        {!single && (
          <span className="small muted grow">
            {schedule === undefined ? (
              <Trans>Following checks by itself. You can change everything later.</Trans>
            ) : (
              <Trans>Following checks {schedule}. You can change everything later.</Trans>
            )}
          </span>
        )}
      </div>
    </section>
  )
}

/** The demonstration platform: something to get where there is neither a link nor the internet. */
function Demo() {
  const arrive = useArriving()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const begin = async () => {
    setBusy(true)
    setError(null)
    try {
      const { items } = await take(api.POST('/api/v1/demo'))
      arrive(items.flatMap((item) => item.job ?? []).join())
    } catch (wrong) {
      setError(wrong)
      setBusy(false)
    }
  }
  return (
    <div className="demo small muted">
      <span>
        <Trans>
          No link at hand?{' '}
          <button type="button" className="link" disabled={busy} onClick={() => void begin()}>
            Try the demo
          </button>
          , it needs no internet.
        </Trans>
      </span>
      {error !== null && (
        <span className="error" role="alert">
          <Sentence error={error} />
        </span>
      )}
    </div>
  )
}

function useArriving() {
  const navigate = useNavigate()
  const [arrive] = useState(
    () => (job: string) => void navigate({ to: '/welcome', search: { step: 'link', job } }),
  )
  return arrive
}

/** The jobs of what was taken, and the subscriptions as `s` and their number; none while any is on its way. */
function startedBy({ sent }: Entry): string {
  if (sent.some((row) => row.state === 'sending')) return ''
  const taken = sent.filter((row) => row.state === 'taken')
  return [
    ...new Set(
      taken.flatMap((row) => row.jobId ?? (row.subscription === null ? [] : `s${row.subscription}`)),
    ),
  ].join()
}
