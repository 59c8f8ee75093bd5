import { Plural, Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { LifeBuoy, ShieldCheck, Smartphone, type LucideIcon } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { api, take } from '../../api/client'
import { Button } from '../../parts/Button'
import { Confirm } from '../../parts/Confirm'
import { Modal } from '../../parts/Dialog'
import { RecoveryCodes } from '../../parts/RecoveryCodes'
import { trouble } from '../../shell/undo'
import { Card } from './Card'
import { askAnew, factorsQuery } from './data'

/** The second factors beside passkeys, and the codes for the day when they are lost. */
export function FactorsCard() {
  const [leaving, setLeaving] = useState<'totp' | 'duo' | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [busy, setBusy] = useState(false)
  const renew = async () => {
    setBusy(true)
    try {
      setCodes((await take(api.POST('/api/v1/me/recovery-codes'))).recovery_codes)
      await askAnew()
    } catch (error) {
      trouble(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Card title={<Trans>Second factor</Trans>} query={factorsQuery}>
      {(factors) => (
        <>
          <ul>
            <Row
              icon={Smartphone}
              name={<Trans>Authenticator app</Trans>}
              about={factors.totp ? <Trans>on: six digits after the password</Trans> : <Trans>off</Trans>}
            >
              {factors.totp ? (
                <Button size="sm" onClick={() => setLeaving('totp')}>
                  <Trans>Remove</Trans>
                </Button>
              ) : (
                <Link className="btn" data-size="sm" to="/settings/security" search={{ add: 'totp' }}>
                  <Trans>Set up</Trans>
                </Link>
              )}
            </Row>
            {(factors.duo_offered || factors.duo !== null) && (
              <Row
                icon={ShieldCheck}
                name={<Trans>Duo</Trans>}
                about={factors.duo === null ? <Trans>off</Trans> : <DuoName name={factors.duo} />}
              >
                {factors.duo !== null ? (
                  <Button size="sm" onClick={() => setLeaving('duo')}>
                    <Trans>Remove</Trans>
                  </Button>
                ) : (
                  <Link className="btn" data-size="sm" to="/settings/security" search={{ add: 'duo' }}>
                    <Trans>Set up</Trans>
                  </Link>
                )}
              </Row>
            )}
            <Row
              icon={LifeBuoy}
              name={<Trans>Recovery codes</Trans>}
              about={
                factors.recovery_codes === 0 && !has(factors) ? (
                  <Trans>You get ten with your first second factor.</Trans>
                ) : (
                  <Plural value={factors.recovery_codes} one="# of 10 left" other="# of 10 left" />
                )
              }
            >
              {has(factors) && (
                <Button size="sm" busy={busy} onClick={() => void renew()}>
                  <Trans>New codes</Trans>
                </Button>
              )}
            </Row>
          </ul>
          {leaving !== null && (
            <Confirm
              title={
                leaving === 'totp' ? <Trans>Remove the authenticator app</Trans> : <Trans>Remove Duo</Trans>
              }
              verb={<Trans>Remove it</Trans>}
              onConfirm={async () => {
                await api.DELETE(leaving === 'totp' ? '/api/v1/me/totp' : '/api/v1/me/duo')
                await askAnew()
              }}
              onClose={() => setLeaving(null)}
            >
              <p>
                <Trans>It is not asked for any more when you sign in.</Trans>
              </p>
            </Confirm>
          )}
          {codes !== null && (
            <Modal as="dialog" stays title={<Trans>New recovery codes</Trans>} onClose={() => setCodes(null)}>
              <RecoveryCodes codes={codes} onDone={() => setCodes(null)} />
            </Modal>
          )}
        </>
      )}
    </Card>
  )
}

function DuoName({ name }: { name: string }) {
  return <Trans>on, as {name}</Trans>
}

function has(factors: { totp: boolean; passkeys: number; duo: string | null }) {
  return factors.totp || factors.passkeys > 0 || factors.duo !== null
}

interface RowProps {
  icon: LucideIcon
  name: ReactNode
  about: ReactNode
  children?: ReactNode
}

function Row({ icon: Icon, name, about, children }: RowProps) {
  return (
    <li className="li">
      <Icon className="icon" aria-hidden />
      <div className="grow">
        <div className="strong">{name}</div>
        <div className="small muted">{about}</div>
      </div>
      {children}
    </li>
  )
}
