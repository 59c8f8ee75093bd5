import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Check, ShieldAlert } from 'lucide-react'
import { useMay, useMe } from '../../api/me'
import { ROLES, type Role } from '../../words/scopes'
import { AddDuo, AddPasskey, AddTotp, ChangePassword } from './Adding'
import { FactorsCard } from './FactorsCard'
import { KeysCard } from './KeysCard'
import { LatelyCard } from './LatelyCard'
import { NewKey } from './NewKey'
import { PasskeysCard } from './PasskeysCard'
import { SessionsCard } from './SessionsCard'
import { WaysCard } from './WaysCard'
import './security.css'

/** One's own account: how one gets in, where one is in, and what may act for one. */
export function Security() {
  const { i18n } = useLingui()
  const { add } = useSearch({ from: '/inside/settings/security' })
  const navigate = useNavigate()
  const me = useMe()
  const mayAudit = useMay('audit:read')
  const close = () => void navigate({ to: '/settings/security', search: {} })
  const { name } = me
  const role = i18n._(ROLES[me.role as Role].name)
  return (
    <div className="body security">
      <header className="row wrap heading">
        <div className="grow">
          <h1>
            <Trans>Your security</Trans>
          </h1>
          <p className="soft">
            <Trans>
              Signed in as {name}. {role}. Dangerous things ask again; that lasts 10 minutes.
            </Trans>
          </p>
        </div>
        {me.factors.length > 0 ? (
          <span className="reason" data-family="ok">
            <Check className="icon" aria-hidden />
            <Trans>Two factors on</Trans>
          </span>
        ) : (
          <span className="reason" data-family="waiting">
            <ShieldAlert className="icon" aria-hidden />
            <Trans>Password only</Trans>
          </span>
        )}
      </header>
      <div className="sec">
        <PasskeysCard />
        <FactorsCard />
        <WaysCard />
        <KeysCard />
        <SessionsCard />
        {mayAudit && <LatelyCard account={me.id} />}
      </div>
      {add === 'passkey' && <AddPasskey onClose={close} />}
      {add === 'totp' && <AddTotp onClose={close} />}
      {add === 'duo' && <AddDuo onClose={close} />}
      {add === 'password' && <ChangePassword onClose={close} />}
      {add === 'key' && <NewKey onClose={close} />}
    </div>
  )
}
