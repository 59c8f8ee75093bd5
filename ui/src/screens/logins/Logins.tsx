import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { KeyRound, PlugZap, Plus } from 'lucide-react'
import { useCallback, useEffectEvent, useLayoutEffect, useState } from 'react'
import { useLive } from '../../api/live'
import { loginsQuery } from '../../api/logins'
import { useMay } from '../../api/me'
import { useRefresh } from '../../api/refresh'
import { Button } from '../../parts/Button'
import { Empty } from '../../parts/Empty'
import { PlatformSign } from '../../parts/Platform'
import { ReasonPill } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { takeBrought } from '../../shell/brought'
import { keyOf, useNeeds, type Need } from '../../shell/needs'
import { needSearch } from '../../shell/needsOpen'
import { say } from '../../shell/toasts'
import { trouble } from '../../shell/undo'
import { formatAgo, formatAt, formatDay, formatFromNow } from '../../words/format'
import { platformOf } from '../../words/platforms'
import { AddLogin } from './AddLogin'
import { healthOf } from './cookies'
import { CookieDrop } from './Cookies'
import { FORUMS, HEALTH, NEEDED, resume, type Login } from './data'
import './logins.css'
import { LoginSheet } from './LoginSheet'
import { Answer, useTrial } from './Try'
import { wokenWords } from './woken'

const route = getRouteApi('/inside/settings/logins')
const FORUM = 'forum' // in the address: it is done by name and password

/** The logins of platforms: how each stands, what uses it, and what waits for one. */
export function Logins() {
  const { add, login: open } = route.useSearch()
  const navigate = useNavigate()
  const mayWrite = useMay('logins:write')
  const [cookies, setCookies] = useState('')
  const sheet = add === undefined ? open : 'add'
  const [shown, setShown] = useState(sheet)
  if (shown !== sheet) {
    setShown(sheet)
    if (shown !== undefined) setCookies('') // they were for the sheet that has gone
  }
  const again = useRefresh(loginsQuery.queryKey, 1000)
  useLive(
    'subscription',
    useCallback(() => again(), [again]),
  )
  const { data, error, refetch } = useQuery(loginsQuery)
  const show = (search: { add?: string; login?: number | undefined }, replace = false) =>
    void navigate({ to: '/settings/logins', search, replace })
  const take = (text: string) => {
    setCookies(text)
    if (add === undefined && open === undefined) show({ add: 'new' })
  }
  const brought = useEffectEvent(take)
  useLayoutEffect(() => (mayWrite ? takeBrought((text) => brought(text)) : undefined), [mayWrite])
  const chosen = data?.items.find(({ id }) => id === open)
  const isKnown = open === undefined || data !== undefined || error !== null
  return (
    <div className="body logins">
      <div>
        <header className="logins-head">
          <div className="grow">
            <h2 className="logins-title">
              <Trans>Platform logins</Trans>
            </h2>
            <p className="soft">
              <Trans>
                What subscriptions and links use to see what members see. Sealed on disk, never shown again.
              </Trans>
            </p>
          </div>
          {mayWrite && (
            <Button kind="primary" icon={Plus} onClick={() => show({ add: 'new' })}>
              <Trans>Add a login</Trans>
            </Button>
          )}
        </header>
        <Waiting
          mayWrite={mayWrite}
          onAdd={(platform) => show({ add: FORUMS.includes(platform) ? FORUM : platform })}
        />
        {error ? (
          <Trouble error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <div className="login-row" aria-busy>
            <span className="skeleton login-skeleton" />
          </div>
        ) : data.items.length === 0 ? (
          <Empty
            title={<Trans>No login is kept</Trans>}
            action={
              mayWrite && (
                <Button onClick={() => show({ add: 'new' })}>
                  <Trans>Add the first</Trans>
                </Button>
              )
            }
          >
            <Trans>Public posts of most platforms need none. Bring one where a platform asks for it.</Trans>
          </Empty>
        ) : (
          <ul>
            {data.items.map((login) => (
              <LoginRow
                key={login.id}
                login={login}
                mayWrite={mayWrite}
                onOpen={() => show({ login: login.id })}
              />
            ))}
          </ul>
        )}
      </div>
      {(data !== undefined || error !== null) && (
        <Aside mayWrite={mayWrite} onText={take} logins={data?.items ?? []} />
      )}
      {add !== undefined && mayWrite && isKnown && (
        <AddLogin
          by={add === FORUM ? 'password' : 'cookies'}
          onBy={(by) => show({ add: by === 'password' ? FORUM : 'new', login: open }, true)}
          platform={add === 'new' || add === FORUM ? '' : add}
          login={chosen}
          cookies={cookies}
          onCookies={setCookies}
          onClose={() => show({})}
        />
      )}
      {chosen && add === undefined && (
        <LoginSheet
          key={chosen.id}
          login={chosen}
          cookies={cookies}
          onCookies={setCookies}
          onClose={() => show({})}
        />
      )}
    </div>
  )
}

/** What waits for a login, by platform, with the button that settles it. */
function Waiting({ mayWrite, onAdd }: { mayWrite: boolean; onAdd: (platform: string) => void }) {
  const needs = useNeeds().filter(
    (need) => need.kind === 'work' && (need.reason === 'login_required' || need.reason === 'challenge'),
  )
  return needs.map((need) => (
    <div key={keyOf(need)} className="note login-need" data-family="you">
      <PlatformSign platform={need.platform ?? ''} named />
      <div className="grow">
        <div className="row wrap">
          <span className="strong">{platformOf(need.platform ?? '').name}</span>
          <ReasonPill reason={need.reason ?? ''} />
        </div>
        <WhatWaits need={need} />
      </div>
      {mayWrite && (
        <Button kind="you" onClick={() => onAdd(need.platform ?? 'new')}>
          <Trans>Add login</Trans>
        </Button>
      )}
    </div>
  ))
}

function WhatWaits({ need }: { need: Need }) {
  return (
    <div className="small soft">
      {need.subscriptions.length > 0 && (
        <Plural
          value={need.subscriptions.length}
          one="# subscription waits for it."
          other="# subscriptions wait for it."
        />
      )}{' '}
      {need.jobs > 0 && (
        <Link className="link" to="/queue" search={needSearch(need)}>
          <Plural value={need.jobs} one="# job waits for it" other="# jobs wait for it" />
        </Link>
      )}
    </div>
  )
}

function LoginRow({ login, mayWrite, onOpen }: { login: Login; mayWrite: boolean; onOpen: () => void }) {
  const { i18n } = useLingui()
  const trial = useTrial(login)
  const { name, signed_in_as: who } = login
  const health = healthOf(login)
  const { family, icon: Icon, label, plain } = HEALTH[health]
  const asks = family === 'you'
  const sites = login.sites.slice(0, 2).join(', ')
  const more = login.sites.length - 2
  return (
    <li className="login-row">
      <PlatformSign platform={login.platform || 'web'} size="lg" />
      <div className="grow">
        <div className="row wrap">
          <button type="button" className="strong login-name" onClick={onOpen}>
            {name}
          </button>
          <span className="reason" data-family={family} data-plain={plain ? '' : undefined}>
            <Icon className="icon" aria-hidden />
            {i18n._(label)}
          </span>
        </div>
        <div className="small soft">
          {who !== '' && (
            <>
              <Trans>Signed in as {who}.</Trans>{' '}
            </>
          )}
          {login.rests === null ? <Expiry login={login} /> : <Rest login={login} mayWrite={mayWrite} />}
        </div>
        <Answer trial={trial} />
      </div>
      <div className="small muted login-use">
        <div>
          {sites}
          {more > 0 && ` +${more}`}
        </div>
        <div>
          {login.used_by.length === 0 ? (
            <Trans>not used yet</Trans>
          ) : (
            <Plural value={login.used_by.length} one="serves # subscription" other="serves # subscriptions" />
          )}
        </div>
      </div>
      {mayWrite && (
        <Button icon={PlugZap} busy={trial.busy} onClick={() => void trial.begin(null)}>
          <Trans>
            Test<span className="vh"> {name}</span>
          </Trans>
        </Button>
      )}
      {mayWrite && (
        <Button kind={asks ? 'you' : 'default'} {...(asks ? { icon: KeyRound } : {})} onClick={onOpen}>
          <Trans>
            Renew<span className="vh"> {name}</span>
          </Trans>
        </Button>
      )}
    </li>
  )
}

/** Why a login is not used just now, and until when; who has seen to it lets it go on. */
function Rest({ login: { id, name, rests }, mayWrite }: { login: Login; mayWrite: boolean }) {
  if (rests === null) return null
  const { detail, until } = rests
  const at = until === null ? '' : formatAt(until)
  const letGo = async () => {
    try {
      const woken = wokenWords(await resume(id))
      say(
        <>
          <Trans>{name} goes on.</Trans> {woken}
        </>,
      )
    } catch (error) {
      trouble(error, letGo)
    }
  }
  return (
    <>
      {until === null ? (
        <Trans>It rests until you have seen to it. {detail}</Trans>
      ) : (
        <Trans>
          It goes on {at}. {detail}
        </Trans>
      )}{' '}
      {mayWrite && (
        <button type="button" className="link" onClick={() => void letGo()}>
          <Trans>
            Let it go on<span className="vh">: {name}</span>
          </Trans>
        </button>
      )}
    </>
  )
}

function Expiry({ login }: { login: Login }) {
  if (!login.readable)
    return <Trans>It was sealed with another key. Bring fresh cookies, or the old key.</Trans>
  if (healthOf(login) === 'refused') {
    const at = formatAgo(login.last_use?.at ?? '')
    const said = login.last_use?.detail ?? ''
    return (
      <Trans>
        Refused {at}. {said}
      </Trans>
    )
  }
  if (login.expires_at === null) return <Trans>Its cookies do not say when they end.</Trans>
  const day = formatDay(login.expires_at)
  const away = formatFromNow(login.expires_at)
  if (healthOf(login) === 'ended')
    return (
      <Trans>
        It ended on {day}, {away}.
      </Trans>
    )
  return (
    <Trans>
      It ends on {day}, {away}.
    </Trans>
  )
}

function Aside({
  mayWrite,
  onText,
  logins,
}: {
  mayWrite: boolean
  onText: (text: string) => void
  logins: readonly Login[]
}) {
  return (
    <aside className="col logins-aside">
      {mayWrite && (
        <section className="card" data-flat>
          <h3>
            <Trans>Bring cookies</Trans>
          </h3>
          <p className="small soft">
            <Trans>
              A <span className="mono">cookies.txt</span> or the JSON of a browser extension. Drop it
              anywhere.
            </Trans>
          </p>
          <CookieDrop onText={onText}>
            <Trans>Drop the file here</Trans>
          </CookieDrop>
        </section>
      )}
      <section className="card" data-flat>
        <h3>
          <Trans>Who needs one</Trans>
        </h3>
        <p className="small soft">
          <Trans>These show next to nothing to people who are not signed in:</Trans>
        </p>
        <ul className="login-needed">
          {NEEDED.map((platform) => {
            const { name } = platformOf(platform)
            return (
              <li key={platform} className="row small">
                <PlatformSign platform={platform} named />
                <span className="grow">{name}</span>
                {logins.some((login) => login.platform === platform) ? (
                  <span className="muted">
                    <Trans>kept</Trans>
                  </span>
                ) : (
                  mayWrite && (
                    <Link className="link" to="/settings/logins" search={{ add: platform }}>
                      <Trans>
                        Add<span className="vh"> a login for {name}</span>
                      </Trans>
                    </Link>
                  )
                )}
              </li>
            )
          })}
        </ul>
        <p className="small soft">
          <Trans>Elsewhere one is needed for what is private, for members only, or by age.</Trans>
        </p>
      </section>
    </aside>
  )
}
