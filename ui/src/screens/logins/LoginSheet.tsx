import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { Problem } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Field } from '../../parts/Field'
import { PlatformSign } from '../../parts/Platform'
import { Trouble } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { done, giveBack } from '../../shell/undo'
import { formatDayTime, formatNumber } from '../../words/format'
import { platformOf } from '../../words/platforms'
import { look } from './cookies'
import { useTitles } from '../search/titles'
import { CookieField } from './Cookies'
import { etagOf, FORUMS, lookAt, remove, rename, renew, type Login } from './data'
import { Try } from './Try'
import { wokenWords } from './woken'

interface SheetProps {
  login: Login
  /** The fresh cookies that were pasted, dropped or chosen. */
  cookies: string
  onCookies: (text: string) => void
  onClose: () => void
}

/** One login: its name, fresh cookies, whether it works, who uses it, and the way to forget it. */
export function LoginSheet({ login, cookies, onCookies, onClose }: SheetProps) {
  const mayWrite = useMay('logins:write')
  const sites = login.sites.join(', ')
  return (
    <Modal
      as="sheet"
      title={
        <span className="row">
          <PlatformSign platform={login.platform || 'web'} named />
          {login.name}
        </span>
      }
      lead={login.platform === '' ? <Trans>For any platform</Trans> : platformOf(login.platform).name}
      onClose={onClose}
    >
      <div className="login-form">
        <dl className="kv login-facts">
          <dt>
            <Trans>Sites</Trans>
          </dt>
          <dd>{sites || '–'}</dd>
          <dt>
            <Trans>Kept since</Trans>
          </dt>
          <dd>{formatDayTime(login.created_at)}</dd>
          <dt>
            <Trans>Ends</Trans>
          </dt>
          <dd>{login.expires_at === null ? <Trans>not told</Trans> : formatDayTime(login.expires_at)}</dd>
          {login.signed_in_as !== '' && (
            <>
              <dt>
                <Trans>Signed in as</Trans>
              </dt>
              <dd>{login.signed_in_as}</dd>
            </>
          )}
          <dt>
            <Trans>Requests today</Trans>
          </dt>
          <dd>
            <Today login={login} />
          </dd>
        </dl>
        {mayWrite && <Renew login={login} cookies={cookies} onCookies={onCookies} onClose={onClose} />}
        {mayWrite && <Try login={login} />}
        {mayWrite && <Rename login={login} />}
        <UsedBy login={login} />
        {mayWrite && <Forget login={login} onClose={onClose} />}
      </div>
    </Modal>
  )
}

function Today({ login: { today } }: { login: Login }) {
  const [requests, limit] = [formatNumber(today.requests), formatNumber(today.limit ?? 0)]
  if (today.limit === null) return requests
  return (
    <Trans>
      {requests} of {limit}
    </Trans>
  )
}

function Renew({ login, cookies, onCookies, onClose }: SheetProps) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const refused = error instanceof Problem && error.status === 422 ? error.message : undefined
  const save = async () => {
    setBusy(true)
    setError(null)
    try {
      const { name } = login
      const woken = wokenWords(await renew(login.id, cookies, etagOf(login)))
      say(
        <>
          <Trans>{name} has fresh cookies.</Trans> {woken}
        </>,
      )
      onClose()
    } catch (caught) {
      setError(caught)
    } finally {
      setBusy(false)
    }
  }
  return (
    <section className="login-part">
      <h3>
        <Trans>Fresh cookies</Trans>
      </h3>
      <CookieField text={cookies} error={refused} onText={onCookies} />
      {look(cookies) !== null && (
        <Button kind="primary" busy={busy} onClick={() => void save()}>
          {busy ? <Trans>Replacing</Trans> : <Trans>Replace the cookies</Trans>}
        </Button>
      )}
      {error !== null && refused === undefined && <Trouble error={error} />}
      {FORUMS.includes(login.platform) && (
        <Link className="link small" to="/settings/logins" search={{ add: 'forum', login: login.id }}>
          <Trans>Or sign in to the forum anew</Trans>
        </Link>
      )}
    </section>
  )
}

function Rename({ login }: { login: Login }) {
  const { t } = useLingui()
  const [name, setName] = useState(login.name)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const changed = name.trim() !== login.name && name.trim() !== ''
  const save = async () => {
    if (!changed) return
    setBusy(true)
    setError(undefined)
    try {
      const before = login.name
      const { id } = login
      const { name: called } = await rename(id, name.trim(), etagOf(login))
      done(<Trans>It is called {called} now.</Trans>, () =>
        giveBack({
          look: () => lookAt(id),
          isOurs: (now) => now.name === called,
          back: (etag) => rename(id, before, etag),
        }),
      )
    } catch (caught) {
      setError(caught instanceof Error ? caught.message : String(caught))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="login-rename"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Field
        label={t`Name`}
        value={name}
        maxLength={200}
        error={error}
        onChange={(event) => setName(event.target.value)}
      />
      {changed && (
        <Button submit busy={busy}>
          <Trans>Rename</Trans>
        </Button>
      )}
    </form>
  )
}

function UsedBy({ login }: { login: Login }) {
  const titles = useTitles(login.used_by.length > 0)
  return (
    <section className="login-part">
      <h3>
        <Trans>Used by</Trans>
      </h3>
      {login.used_by.length === 0 ? (
        <p className="small soft">
          <Trans>No subscription uses it yet. Choose it where you edit one, or when you paste a link.</Trans>
        </p>
      ) : (
        <ul className="login-users">
          {login.used_by.map((user) => (
            <li key={user.id}>
              <Link className="link" to="/following/$subscription" params={{ subscription: String(user.id) }}>
                {titles.get(String(user.id)) ?? user.title}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Forget({ login, onClose }: { login: Login; onClose: () => void }) {
  const [asked, setAsked] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const { name } = login
  const users = login.used_by.length
  const go = async () => {
    setBusy(true)
    setError(null)
    try {
      await remove(login.id, etagOf(login))
      say(<Trans>{name} is removed.</Trans>)
      onClose()
    } catch (caught) {
      setError(caught)
      setBusy(false)
    }
  }
  return (
    <section className="login-part">
      <div className="row wrap">
        <Button kind="danger" disabled={users > 0} onClick={() => setAsked(true)}>
          <Trans>Remove</Trans>
        </Button>
        {users > 0 && (
          <span className="small muted">
            <Plural
              value={users}
              one="# subscription would have none: give it another login first."
              other="# subscriptions would have none: give them another login first."
            />
          </span>
        )}
      </div>
      {asked && (
        <Modal
          as="dialog"
          title={<Trans>Remove {name}</Trans>}
          lead={<Trans>Its cookies are forgotten. There is no undo; you can bring new ones.</Trans>}
          onClose={() => setAsked(false)}
          footer={
            <>
              <Button kind="danger" busy={busy} onClick={() => void go()}>
                <Trans>Remove the login</Trans>
              </Button>
              <Button kind="quiet" onClick={() => setAsked(false)}>
                <Trans>Keep it</Trans>
              </Button>
            </>
          }
        >
          {error !== null && <Trouble error={error} />}
        </Modal>
      )}
    </section>
  )
}
