import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { LockKeyhole, LogIn, Plus } from 'lucide-react'
import { useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useMe } from '../../api/me'
import { Button } from '../../parts/Button'
import { Confirm } from '../../parts/Confirm'
import { trouble } from '../../shell/undo'
import { formatDay } from '../../words/format'
import { Card } from './Card'
import { askAnew, identitiesQuery } from './data'

type Identity = Schemas['IdentityView']

/** The first factor: the password, and who one is at a provider. */
export function WaysCard() {
  const { t } = useLingui()
  const { has_password: hasPassword } = useMe()
  const [leaving, setLeaving] = useState<Identity | null>(null)
  const leavingHost = leaving === null ? '' : new URL(leaving.issuer).host
  const ways = useQuery({
    queryKey: ['session', 'ways'],
    queryFn: () => take(api.GET('/api/v1/session/ways')),
  })
  const label = ways.data?.openid ?? null
  const link = async () => {
    try {
      const { url } = await take(api.POST('/api/v1/me/identities', { body: { after: '/settings/security' } }))
      location.assign(url)
    } catch (error) {
      trouble(error)
    }
  }
  return (
    <Card title={<Trans>Password and providers</Trans>} query={identitiesQuery}>
      {(identities) => (
        <>
          <ul>
            <li className="li">
              <LockKeyhole className="icon" aria-hidden />
              <div className="grow">
                <div className="strong">
                  <Trans>Password</Trans>
                </div>
                <div className="small muted">
                  {hasPassword ? (
                    <Trans>A change signs out all other browsers.</Trans>
                  ) : (
                    <Trans>None. An administrator can give you a token for one.</Trans>
                  )}
                </div>
              </div>
              {hasPassword && (
                <Link className="btn" data-size="sm" to="/settings/security" search={{ add: 'password' }}>
                  <Trans>Change</Trans>
                </Link>
              )}
            </li>
            {identities.map((one) => {
              const since = formatDay(one.created_at)
              const { subject } = one
              return (
                <li className="li" key={one.id}>
                  <LogIn className="icon" aria-hidden />
                  <div className="grow">
                    <div className="strong cut">{new URL(one.issuer).host}</div>
                    <div className="small muted cut">
                      <Trans>
                        {subject}, since {since}
                      </Trans>
                    </div>
                  </div>
                  <Button size="sm" onClick={() => setLeaving(one)}>
                    <Trans>Unlink</Trans>
                  </Button>
                </li>
              )
            })}
          </ul>
          {label !== null && identities.length === 0 && (
            <Button
              size="sm"
              icon={Plus}
              aria-label={t`Link your provider: ${label}`}
              onClick={() => void link()}
            >
              {label}
            </Button>
          )}
          {leaving !== null && (
            <Confirm
              title={<Trans>Unlink {leavingHost}</Trans>}
              verb={<Trans>Unlink it</Trans>}
              onConfirm={async () => {
                await api.DELETE('/api/v1/me/identities/{identity}', {
                  params: { path: { identity: leaving.id } },
                })
                await askAnew()
              }}
              onClose={() => setLeaving(null)}
            >
              <p>
                <Trans>You cannot sign in there any more, and other browsers are signed out.</Trans>
              </p>
            </Confirm>
          )}
        </>
      )}
    </Card>
  )
}
