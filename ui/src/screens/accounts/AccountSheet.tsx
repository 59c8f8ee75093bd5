import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Key } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useMe } from '../../api/me'
import { BrowserRow } from '../../parts/Browser'
import { Button } from '../../parts/Button'
import { Switch } from '../../parts/Check'
import { Confirm } from '../../parts/Confirm'
import { Modal } from '../../parts/Dialog'
import { Trouble } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { done, trouble } from '../../shell/undo'
import { formatDay } from '../../words/format'
import { ROLES, type Role } from '../../words/scopes'
import { KeyFacts } from '../security/KeysCard'
import { askAnew, browsersQuery, keysQuery } from './data'
import { Invitation } from './Invitation'
import { RoleChoice } from './RoleChoice'

type AccountView = Schemas['AccountView']
type Act = 'role' | 'disabled' | 'reset'

/** One account: its role, whether it gets in, and what belongs to it. */
export function AccountSheet({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const me = useMe()
  const own = account.id === me.id
  const [offered, setOffered] = useState<Schemas['InvitationView'] | null>(null)
  const [asked, setAsked] = useState<'remove' | 'factors' | null>(null)
  // What is under way, and what is wanted by it, until the server has said how it stands.
  const [acts, setActs] = useState<ReadonlyMap<Act, Schemas['AccountChange']>>(new Map())
  const wanted = [...acts.values()].reduce((all, one) => ({ ...all, ...one }), {})
  const { id, name } = account
  const path = { params: { path: { number: id } } }
  const since = formatDay(account.created_at)
  const act = async (what: Act, wants: Schemas['AccountChange'], work: () => Promise<unknown>) => {
    setActs((now) => new Map(now).set(what, wants))
    try {
      await work()
      await askAnew()
    } catch (error) {
      trouble(error)
    } finally {
      setActs((now) => new Map([...now].filter(([other]) => other !== what)))
    }
  }
  const change = (body: Schemas['AccountChange']) => api.PATCH('/api/v1/accounts/{number}', { ...path, body })
  const giveRole = (role: Role) =>
    act('role', { role }, async () => {
      const before = account.role
      await change({ role })
      const now = i18n._(ROLES[role].name)
      done(t`${name}: ${now}`, () => change({ role: before }))
    })
  const letIn = (allowed: boolean) =>
    act('disabled', { disabled: !allowed }, async () => {
      await change({ disabled: !allowed })
      done(allowed ? t`${name} gets in again.` : t`${name} is shut out.`, () => change({ disabled: allowed }))
    })
  const offer = () =>
    act('reset', {}, async () => setOffered(await take(api.POST('/api/v1/accounts/{number}/reset', path))))
  return (
    <Modal
      as="sheet"
      title={name}
      stays={offered !== null}
      lead={own ? <Trans>Your own account</Trans> : <Trans>since {since}</Trans>}
      onClose={onClose}
    >
      <div className="col spaced">
        {own && (
          <p className="note small">
            <Trans>Another administrator must change your role, or shut you out.</Trans>
          </p>
        )}
        <RoleChoice
          role={wanted.role ?? account.role}
          disabled={own || acts.has('role')}
          onChoose={(role) => void giveRole(role)}
        />
        {!own && (
          <div className="row">
            <div className="grow">
              <div className="strong">
                <Trans>May sign in</Trans>
              </div>
              <div className="small soft">
                <Trans>If not, its browsers are signed out and its keys do nothing.</Trans>
              </div>
            </div>
            <Switch
              checked={!(wanted.disabled ?? account.disabled)}
              label={t`${name} may sign in`}
              disabled={acts.has('disabled')}
              onChange={(allowed) => void letIn(allowed)}
            />
          </div>
        )}
        <Browsers account={account} />
        <Keys account={account} />
        <section className="col">
          <h3>
            <Trans>When something is lost</Trans>
          </h3>
          {offered === null ? (
            <div className="row wrap">
              <Button busy={acts.has('reset')} onClick={() => void offer()}>
                <Trans>Token for a new password</Trans>
              </Button>
              {!own && (
                <Button onClick={() => setAsked('factors')}>
                  <Trans>Remove second factors</Trans>
                </Button>
              )}
              {!own && (
                <Button kind="danger" onClick={() => setAsked('remove')}>
                  <Trans>Remove the account</Trans>
                </Button>
              )}
            </div>
          ) : (
            <div className="col">
              <Invitation invitation={offered} />
              <div className="row">
                <Button kind="primary" onClick={() => setOffered(null)}>
                  <Trans>I have passed it on</Trans>
                </Button>
              </div>
            </div>
          )}
        </section>
      </div>
      {asked === 'factors' && (
        <Confirm
          title={<Trans>Remove the second factors of {name}</Trans>}
          verb={<Trans>Remove them</Trans>}
          onConfirm={async () => {
            await api.DELETE('/api/v1/accounts/{number}/factors', path)
            await askAnew()
          }}
          onClose={() => setAsked(null)}
        >
          <p>
            <Trans>Passkeys, app, Duo and recovery codes are gone, and all browsers are signed out.</Trans>
          </p>
        </Confirm>
      )}
      {asked === 'remove' && (
        <Confirm
          title={<Trans>Remove the account of {name}</Trans>}
          verb={<Trans>Remove the account</Trans>}
          onConfirm={async () => {
            await api.DELETE('/api/v1/accounts/{number}', path)
            await askAnew()
            say(t`The account of ${name} is removed.`)
            onClose()
          }}
          onClose={() => setAsked(null)}
        >
          <p>
            <Trans>Its sessions, keys and factors go with it. The library stays as it is.</Trans>
          </p>
        </Confirm>
      )}
    </Modal>
  )
}

function Browsers({ account: { id } }: { account: AccountView }) {
  const { data, error, refetch } = useQuery(browsersQuery(id))
  const [busy, setBusy] = useState<string | null>(null)
  const end = async (session: string | null) => {
    setBusy(session ?? 'all')
    try {
      if (session === null)
        await api.DELETE('/api/v1/accounts/{number}/sessions', { params: { path: { number: id } } })
      else
        await api.DELETE('/api/v1/accounts/{number}/sessions/{session_id}', {
          params: { path: { number: id, session_id: session } },
        })
      await askAnew()
    } catch (error) {
      trouble(error)
    } finally {
      setBusy(null)
    }
  }
  return (
    <Part
      title={<Trans>Signed in</Trans>}
      none={<Trans>Nowhere.</Trans>}
      count={data?.length}
      error={error}
      onRetry={() => void refetch()}
      action={
        (data?.filter((one) => !one.current).length ?? 0) > 1 && (
          <Button size="sm" busy={busy === 'all'} onClick={() => void end(null)}>
            <Trans>Sign out everywhere</Trans>
          </Button>
        )
      }
    >
      {data?.map((one) => (
        <BrowserRow key={one.id} session={one}>
          {!one.current && (
            <Button size="sm" busy={busy === one.id} onClick={() => void end(one.id)}>
              <Trans>Sign out</Trans>
            </Button>
          )}
        </BrowserRow>
      ))}
    </Part>
  )
}

function Keys({ account: { id } }: { account: AccountView }) {
  const { data, error, refetch } = useQuery(keysQuery(id))
  const [leaving, setLeaving] = useState<Schemas['KeyView'] | null>(null)
  const leavingName = leaving?.name
  return (
    <Part
      title={<Trans>API keys</Trans>}
      none={<Trans>None.</Trans>}
      count={data?.length}
      error={error}
      onRetry={() => void refetch()}
    >
      {data?.map((one) => (
        <li className="li" key={one.id}>
          <Key className="icon" aria-hidden />
          <div className="grow">
            <div className="strong cut">{one.name}</div>
            <div className="small muted">
              <KeyFacts one={one} />
            </div>
          </div>
          <Button size="sm" onClick={() => setLeaving(one)}>
            <Trans>Revoke</Trans>
          </Button>
        </li>
      ))}
      {leaving !== null && (
        <Confirm
          title={<Trans>Revoke “{leavingName}”</Trans>}
          verb={<Trans>Revoke the key</Trans>}
          onConfirm={async () => {
            await api.DELETE('/api/v1/accounts/{number}/api-keys/{key_id}', {
              params: { path: { number: id, key_id: leaving.id } },
            })
            await askAnew()
          }}
          onClose={() => setLeaving(null)}
        >
          <p>
            <Trans>Whatever uses it stops working at once.</Trans>
          </p>
        </Confirm>
      )}
    </Part>
  )
}

interface PartProps {
  title: ReactNode
  none: ReactNode
  /** undefined while nobody has told. */
  count: number | undefined
  /** Why nobody could tell. */
  error: unknown
  onRetry: () => void
  action?: ReactNode
  children: ReactNode
}

function Part({ title, none, count, error, onRetry, action, children }: PartProps) {
  return (
    <section>
      <header className="row">
        <h3 className="grow">{title}</h3>
        {action}
      </header>
      {count === undefined && error !== null ? (
        <Trouble error={error} onRetry={onRetry} />
      ) : count === undefined ? (
        <div className="skeletons" aria-busy="true" />
      ) : count === 0 ? (
        <p className="small soft">{none}</p>
      ) : (
        <ul>{children}</ul>
      )}
    </section>
  )
}
