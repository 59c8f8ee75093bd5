import { Trans } from '@lingui/react/macro'
import { useState, type ReactNode } from 'react'
import { Button } from './Button'
import { Modal } from './Dialog'
import { Sentence } from './Trouble'

interface ConfirmProps {
  title: ReactNode
  /** What the button says: the verb. */
  verb: ReactNode
  onConfirm: () => Promise<unknown>
  onClose: () => void
  children?: ReactNode
}

/** Asks before what has no way back; closes when it is done, and says why if it is not. */
export function Confirm({ title, verb, onConfirm, onClose, children }: ConfirmProps) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const confirm = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      onClose()
    } catch (wrong) {
      setError(wrong)
      setBusy(false)
    }
  }
  return (
    <Modal
      as="dialog"
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button kind="danger" busy={busy} onClick={() => void confirm()}>
            {verb}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
        </>
      }
    >
      <div className="col">
        {children}
        {error !== null && (
          <div className="error" role="alert">
            <Sentence error={error} />
          </div>
        )}
      </div>
    </Modal>
  )
}
