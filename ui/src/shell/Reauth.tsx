import { Trans } from '@lingui/react/macro'
import { Suspense, useEffect, useState } from 'react'
import { onProofNeeded } from '../api/client'
import { Modal } from '../parts/Dialog'
import { lazily } from '../parts/lazily'

const Proof = lazily(async () => (await import('./Proof')).Proof)

interface Asking {
  proven: Promise<boolean>
  answer: (proven: boolean) => void
}

let asking: Asking | null = null

/** Asks a person to prove again who they are, when the server wants that before it goes on. */
export function Reauth() {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    onProofNeeded(() => {
      if (asking === null) {
        let answer: Asking['answer'] = () => undefined
        const proven = new Promise<boolean>((resolve) => (answer = resolve))
        asking = { proven, answer }
        setOpen(true)
      }
      return asking.proven
    })
    return () => {
      onProofNeeded(() => Promise.resolve(false))
      asking?.answer(false)
      asking = null
    }
  }, [])
  if (!open) return null
  const end = (proven: boolean) => {
    setOpen(false)
    asking?.answer(proven)
    asking = null
  }
  return (
    <Modal
      as="dialog"
      title={<Trans>Is it still you?</Trans>}
      onClose={() => end(false)}
      lead={<Trans>This needs a fresh proof. It holds for ten minutes.</Trans>}
    >
      <Suspense fallback={<div className="skeleton proof" aria-busy="true" />}>
        <Proof onProven={() => end(true)} onCancel={() => end(false)} />
      </Suspense>
    </Modal>
  )
}
