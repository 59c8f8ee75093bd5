import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Fingerprint, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { api, type Schemas } from '../../api/client'
import { passkeysWork } from '../../api/passkeys'
import { Button } from '../../parts/Button'
import { Confirm } from '../../parts/Confirm'
import { formatDay, formatFromNow } from '../../words/format'
import { Card } from './Card'
import { askAnew, passkeysQuery } from './data'

type Passkey = Schemas['PasskeyView']

export function PasskeysCard() {
  const { t } = useLingui()
  const [leaving, setLeaving] = useState<Passkey | null>(null)
  const leavingName = leaving === null || leaving.name === '' ? t`Passkey` : leaving.name
  return (
    <Card
      title={<Trans>Passkeys</Trans>}
      query={passkeysQuery}
      action={() =>
        passkeysWork() && (
          <Link className="btn" data-size="sm" to="/settings/security" search={{ add: 'passkey' }}>
            <Plus className="icon" aria-hidden />
            <Trans>Add</Trans>
          </Link>
        )
      }
    >
      {(passkeys) => (
        <>
          {passkeys.length === 0 && (
            <p className="small soft none">
              <Trans>None yet. A passkey is both factors at once, and nobody can guess it.</Trans>
            </p>
          )}
          <ul>
            {passkeys.map((one) => {
              const name = one.name || t`Passkey`
              const made = formatDay(one.created_at)
              const used = one.used_at === null ? null : formatFromNow(one.used_at)
              return (
                <li className="li" key={one.id}>
                  <Fingerprint className="icon" aria-hidden />
                  <div className="grow">
                    <div className="strong cut">{name}</div>
                    <div className="small muted">
                      {used === null ? <Trans>added {made}, not used yet</Trans> : <Trans>used {used}</Trans>}
                    </div>
                  </div>
                  <Button
                    kind="quiet"
                    size="sm"
                    icon={Trash2}
                    aria-label={t`Remove ${name}`}
                    onClick={() => setLeaving(one)}
                  />
                </li>
              )
            })}
          </ul>
          {leaving !== null && (
            <Confirm
              title={<Trans>Remove “{leavingName}”</Trans>}
              verb={<Trans>Remove the passkey</Trans>}
              onConfirm={async () => {
                await api.DELETE('/api/v1/me/passkeys/{passkey}', {
                  params: { path: { passkey: leaving.id } },
                })
                await askAnew()
              }}
              onClose={() => setLeaving(null)}
            >
              <p>
                <Trans>It opens nothing here any more. Your device keeps it until you remove it there.</Trans>
              </p>
            </Confirm>
          )}
        </>
      )}
    </Card>
  )
}
