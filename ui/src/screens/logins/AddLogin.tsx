import { Trans, useLingui } from '@lingui/react/macro'
import { useId, useState } from 'react'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { CookiesForm } from './CookiesForm'
import type { Login } from './data'
import { ForumForm } from './ForumForm'

export type By = 'cookies' | 'password'

interface AddProps {
  by: By
  onBy: (by: By) => void
  /** The platform that it is for; '' if that is open. */
  platform: string
  /** Whose name and forum are known, where somebody signs in anew. */
  login: Login | undefined
  /** What was pasted, dropped or chosen. */
  cookies: string
  onCookies: (text: string) => void
  onClose: () => void
}

/** Takes a new login in: the cookies of a browser, or those that a forum sets for a password. */
export function AddLogin({ by, onBy, platform, login, cookies, onCookies, onClose }: AddProps) {
  const { t } = useLingui()
  const id = useId()
  const [busy, setBusy] = useState(false)
  const form = { id, onBusy: setBusy, onClose }
  return (
    <Modal
      as="sheet"
      title={<Trans>Add a login</Trans>}
      lead={<Trans>Sealed on disk, and never shown again.</Trans>}
      onClose={onClose}
      footer={
        <>
          <Button kind="primary" submit form={id} busy={busy}>
            <Verb by={by} busy={busy} />
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
        </>
      }
    >
      <div className="seg login-by" role="group" aria-label={t`How`}>
        <button type="button" aria-pressed={by === 'cookies'} onClick={() => onBy('cookies')}>
          <Trans>Bring cookies</Trans>
        </button>
        <button type="button" aria-pressed={by === 'password'} onClick={() => onBy('password')}>
          <Trans>Sign in to a forum</Trans>
        </button>
      </div>
      {by === 'cookies' ? (
        <CookiesForm {...form} platform={platform} cookies={cookies} onCookies={onCookies} />
      ) : (
        <ForumForm {...form} login={login} busy={busy} onBringCookies={() => onBy('cookies')} />
      )}
    </Modal>
  )
}

function Verb({ by, busy }: { by: By; busy: boolean }) {
  if (by === 'cookies') return busy ? <Trans>Keeping</Trans> : <Trans>Keep it</Trans>
  return busy ? <Trans>Signing in</Trans> : <Trans>Sign in</Trans>
}
