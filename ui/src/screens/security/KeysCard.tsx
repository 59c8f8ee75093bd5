import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { ClockAlert, Key, Plus } from 'lucide-react'
import { useState } from 'react'
import { api, type Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { Confirm } from '../../parts/Confirm'
import { formatAgo, formatDay } from '../../words/format'
import { SCOPES } from '../../words/scopes'
import { Card } from './Card'
import { askAnew, keysQuery, OLD_MS } from './data'

type KeyView = Schemas['KeyView']

/** What programs prove themselves with; those that nobody has used for long are pointed out. */
export function KeysCard() {
  const { t } = useLingui()
  const [leaving, setLeaving] = useState<KeyView | null>(null)
  const leavingName = leaving?.name
  return (
    <Card
      title={<Trans>API keys</Trans>}
      query={keysQuery}
      action={() => (
        <Link className="btn" data-size="sm" to="/settings/security" search={{ add: 'key' }}>
          <Plus className="icon" aria-hidden />
          <Trans>New key</Trans>
        </Link>
      )}
    >
      {(keys) => (
        <>
          {keys.length === 0 && (
            <p className="small soft none">
              <Trans>None. A script, a bookmarklet or a dashboard signs in with a key of its own.</Trans>
            </p>
          )}
          <ul>
            {keys.map(({ name, ...one }) => (
              <li className="li" key={one.id}>
                <Key className="icon" aria-hidden />
                <div className="grow">
                  <div className="strong cut">{name}</div>
                  <div className="small muted">
                    <KeyFacts one={{ ...one, name }} />
                  </div>
                </div>
                <Button size="sm" aria-label={t`Revoke ${name}`} onClick={() => setLeaving({ ...one, name })}>
                  <Trans>Revoke</Trans>
                </Button>
              </li>
            ))}
          </ul>
          {keys.filter(isForgotten).map((one) => {
            const { name } = one
            const days = Math.floor(
              (Date.now() - new Date(one.used_at ?? one.created_at).getTime()) / 86_400_000,
            )
            return (
              <div className="note small" data-family="waiting" key={one.id}>
                <ClockAlert className="icon" aria-hidden />
                <span className="grow">
                  <Trans>
                    <b>“{name}”</b> was not used for {days} days.
                  </Trans>
                </span>
                <button type="button" className="link" onClick={() => setLeaving(one)}>
                  <Trans>Revoke it</Trans>
                </button>
              </div>
            )
          })}
          {leaving !== null && (
            <Confirm
              title={<Trans>Revoke “{leavingName}”</Trans>}
              verb={<Trans>Revoke the key</Trans>}
              onConfirm={async () => {
                await api.DELETE('/api/v1/api-keys/{key_id}', { params: { path: { key_id: leaving.id } } })
                await askAnew()
              }}
              onClose={() => setLeaving(null)}
            >
              <p>
                <Trans>Whatever uses it stops working at once.</Trans>
              </p>
            </Confirm>
          )}
        </>
      )}
    </Card>
  )
}

function isForgotten(one: KeyView) {
  return Date.now() - new Date(one.used_at ?? one.created_at).getTime() > OLD_MS
}

/** What a key may do, when it was used last, and until when it holds. */
export function KeyFacts({ one }: { one: KeyView }) {
  const { i18n } = useLingui()
  const names = one.scopes.map((scope) => i18n._(SCOPES[scope])).join(', ')
  const [first] = one.scopes
  const used = one.used_at === null ? null : formatAgo(one.used_at)
  const end = one.expires_at === null ? null : formatDay(one.expires_at)
  return (
    <span title={names}>
      {one.scopes.length === 1 && first !== undefined ? (
        i18n._(SCOPES[first])
      ) : (
        <Plural value={one.scopes.length} one="# permission" other="# permissions" />
      )}
      {' · '}
      {used === null ? <Trans>not used yet</Trans> : <Trans>used {used}</Trans>}
      {end !== null && (
        <>
          {' · '}
          <Trans>ends {end}</Trans>
        </>
      )}
    </span>
  )
}
