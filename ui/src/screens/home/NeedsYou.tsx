import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { CheckCheck, FileWarning, KeyRound, RotateCw, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { api, take } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { RemedyLink } from '../../parts/Remedy'
import { queries } from '../../queries'
import { keyOf, type Need } from '../../shell/needs'
import { jobsOf, needSearch, sourceSearch } from '../../shell/needsOpen'
import { say } from '../../shell/toasts'
import { trouble } from '../../shell/undo'
import { titleOf } from '../../words/jobs'
import { platformOf } from '../../words/platforms'
import { wordsOf } from '../../words/reasons'
import { remedyOf } from '../../words/remedies'
import { dismiss } from '../queue/steer'

/** What only a person can settle, each with what settles it. Nothing at all where nothing is. */
export function NeedsYou({ needs }: { needs: Need[] }) {
  if (needs.length === 0) return null
  return (
    <section id="needs">
      <header>
        <h2>
          <Trans>Needs you</Trans>
        </h2>
      </header>
      <div className="col">
        {needs.map((need) => (
          <One key={keyOf(need)} need={need} />
        ))}
      </div>
    </section>
  )
}

const ICONS = { work: TriangleAlert, login: KeyRound, files: FileWarning, alarm: TriangleAlert }

function One({ need }: { need: Need }) {
  const Icon = wordsOf(need.reason)?.icon ?? ICONS[need.kind]
  return (
    <div className="note" data-family="you">
      <Icon className="icon" aria-hidden />
      <div className="grow">
        <div className="strong">
          <Title need={need} />
        </div>
        <div className="small soft">
          {need.kind === 'work' && need.count === 1 && <span>{titleOf(need)} </span>}
          <Counted need={need} />
        </div>
        {need.kind === 'work' && need.reason == null && need.detail != null && (
          <div className="small">{need.detail}</div>
        )}
      </div>
      <Acts need={need} />
    </div>
  )
}

function Title({ need }: { need: Need }) {
  const { i18n } = useLingui()
  const platform = need.platform === 'web' ? hostOf(need.title) : platformOf(need.platform ?? '').name
  const login = need.title
  switch (need.reason) {
    case 'login_required':
      return <Trans>{platform} shows this to its members only</Trans>
    case 'challenge':
      return <Trans>{platform} wants to know that you are a person</Trans>
    case 'expiring':
      return (
        <Trans>
          Your {platform} login “{login}” expires soon
        </Trans>
      )
    case 'ended':
      return (
        <Trans>
          Your {platform} login “{login}” has expired
        </Trans>
      )
    case 'refused':
      return (
        <Trans>
          {platform} no longer accepts the login “{login}”
        </Trans>
      )
    case 'checkpoint':
      return (
        <Trans>
          {platform} wants to check the login “{login}”
        </Trans>
      )
    case 'unreadable':
      return <Trans>The login “{login}” cannot be read with this key</Trans>
  }
  if (need.kind === 'files')
    return (
      <Plural value={need.count} one="# file is damaged or missing" other="# files are damaged or missing" />
    )
  const words = wordsOf(need.reason)
  if (need.kind === 'alarm') return need.title
  if (words === null) return <Trans>A job failed</Trans>
  const said = i18n._(words.label)
  return need.platform === 'again' ? (
    said
  ) : (
    <>
      {platform}: {said}
    </>
  )
}

/** A page on the web is called by its host. */
function hostOf(title: string) {
  return URL.canParse(title) ? new URL(title).host : title
}

/** How many things there are of it; each number opens just these. */
function Counted({ need }: { need: Need }) {
  const sources = need.subscriptions.length
  if (need.q != null)
    return (
      <Link className="link" to="/library" search={{ q: need.q }}>
        <Trans>Show them</Trans>
      </Link>
    )
  return (
    <span className="row wrap">
      {need.jobs > 0 && (
        <Link className="link" to="/queue" search={needSearch(need)}>
          <Plural value={need.jobs} one="# job" other="# jobs" />
        </Link>
      )}
      {sources > 0 && (
        <Link className="link" to="/following" search={sourceSearch(need)}>
          <Plural value={sources} one="# source" other="# sources" />
        </Link>
      )}
    </span>
  )
}

/** What settles it; what failed can also be dismissed, or tried again after it was settled elsewhere. */
function Acts({ need }: { need: Need }) {
  const may = useMay('queue:write')
  const mayFollow = useMay('following:write')
  const mayRepair = useMay('library:write')
  const filter = jobsOf(need)
  const again = async () => {
    await Promise.all([
      need.jobs > 0 && take(api.POST('/api/v1/jobs/batch', { body: { action: 'retry', filter } })),
      ...need.subscriptions.map((number) =>
        take(api.POST('/api/v1/subscriptions/{number}/sync', { params: { path: { number } } })),
      ),
    ])
    say(<Trans>Trying again now.</Trans>)
  }
  const repair = async () => {
    const { media } = await take(api.POST('/api/v1/needs/files'))
    say(<Plural value={media} one="# file is downloaded again." other="# files are downloaded again." />)
  }
  const remedy = remedyOf(need.reason === 'disk' ? 'disk_full' : need.reason, need.platform ?? '')
  switch (need.kind) {
    case 'files':
      return mayRepair ? (
        <Act act={repair}>
          <Trans>Download again</Trans>
        </Act>
      ) : null
    case 'login':
      return (
        <Link
          className="btn"
          data-kind="you"
          to="/settings/logins"
          search={{ login: need.login ?? undefined }}
        >
          <Trans>Open login</Trans>
        </Link>
      )
    case 'alarm':
      return remedy === null ? (
        <Link to="/settings/health" className="btn" data-kind="you">
          <Trans>See what helps</Trans>
        </Link>
      ) : (
        <RemedyLink reason="disk_full" platform="" />
      )
  }
  const mayTry = may && (need.subscriptions.length === 0 || mayFollow)
  return (
    <>
      {may && need.jobs > 0 && (
        <Button kind="quiet" icon={CheckCheck} onClick={() => void dismiss({ filter })}>
          <Trans>Dismiss</Trans>
        </Button>
      )}
      {mayTry && (
        <Act act={again} quiet={remedy !== null}>
          <Trans>Try again</Trans>
        </Act>
      )}
      <RemedyLink reason={need.reason} platform={need.platform ?? ''} />
    </>
  )
}

interface ActProps {
  act: () => Promise<unknown>
  quiet?: boolean
  children: React.ReactNode
}

function Act({ act, quiet = false, children }: ActProps) {
  const [busy, setBusy] = useState(false)
  const go = async () => {
    setBusy(true)
    try {
      await act()
      await queries.invalidateQueries({ queryKey: ['needs'] })
    } catch (error) {
      trouble(error, go)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button kind={quiet ? 'quiet' : 'you'} icon={RotateCw} busy={busy} onClick={() => void go()}>
      {children}
    </Button>
  )
}
