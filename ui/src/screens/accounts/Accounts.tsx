import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import type { Schemas } from '../../api/client'
import { useMay, useMe } from '../../api/me'
import { Empty } from '../../parts/Empty'
import { Trouble } from '../../parts/Trouble'
import { formatAgo } from '../../words/format'
import { ROLES } from '../../words/scopes'
import { AccountSheet } from './AccountSheet'
import { AuditLog } from './AuditLog'
import { accountsQuery } from './data'
import { NewAccount } from './NewAccount'
import './accounts.css'

/** Everybody who may use this installation, and what was done that matters for safety. */
export function Accounts() {
  const { account } = useSearch({ from: '/inside/settings/accounts' })
  const navigate = useNavigate()
  const may = useMay('accounts:read')
  const mayAudit = useMay('audit:read')
  const { data, error, refetch } = useQuery({ ...accountsQuery, enabled: may })
  const close = () =>
    void navigate({
      to: '/settings/accounts',
      search: ({ event, by }) => ({ event, by }),
      resetScroll: false,
    })
  if (!may)
    return (
      <div className="body">
        <Empty title={<Trans>Only administrators see the accounts</Trans>}>
          <Trans>Ask one of them if somebody is to get an account.</Trans>
        </Empty>
      </div>
    )
  const open = data?.find((one) => one.id === account)
  return (
    <div className="body accounts">
      <header className="row wrap heading">
        <div className="grow">
          <h1>
            <Trans>Accounts</Trans>
          </h1>
          <p className="soft">
            <Trans>Everybody has their own. What they may do depends on their role.</Trans>
          </p>
        </div>
        <Link className="btn" data-kind="primary" to="/settings/accounts" search={{ account: 'new' }}>
          <Plus className="icon" aria-hidden />
          <Trans>Add an account</Trans>
        </Link>
      </header>
      {error !== null ? (
        <Trouble error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <div className="skeletons waits" aria-busy="true" />
      ) : (
        <ul className="people">
          {data.map((one) => (
            <Person key={one.id} one={one} />
          ))}
        </ul>
      )}
      {mayAudit && <AuditLog accounts={data ?? []} />}
      {account === 'new' && <NewAccount onClose={close} />}
      {open !== undefined && <AccountSheet key={open.id} account={open} onClose={close} />}
    </div>
  )
}

function Person({ one }: { one: Schemas['AccountView'] }) {
  const { i18n } = useLingui()
  const me = useMe()
  const seen = one.signed_in_at === null ? null : formatAgo(one.signed_in_at)
  return (
    <li>
      <Link
        className="person"
        to="/settings/accounts"
        search={({ event, by }) => ({ account: one.id, event, by })}
        resetScroll={false}
      >
        <span className="avatar" aria-hidden>
          {one.name.slice(0, 2).toUpperCase()}
        </span>
        <span className="grow">
          <span className="strong cut">{one.name}</span>
          <span className="small muted">
            {seen === null ? <Trans>has not signed in yet</Trans> : <Trans>signed in {seen}</Trans>}
          </span>
        </span>
        {one.disabled && (
          <span className="reason" data-family="stuck">
            <Trans>Disabled</Trans>
          </span>
        )}
        {one.id === me.id && (
          <span className="chip">
            <Trans>you</Trans>
          </span>
        )}
        <span className="role soft">{i18n._(ROLES[one.role].name)}</span>
      </Link>
    </li>
  )
}
