import { Trans } from '@lingui/react/macro'
import { Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './Button'
import './factors.css'

/** A secret that is shown this once, with the button that copies it. */
export function Once({ label, secret }: { label: string; secret: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <div className="once row">
      <code className="mono grow" aria-label={label}>
        {secret}
      </code>
      <Button
        icon={Copy}
        onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}
      >
        {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
      </Button>
    </div>
  )
}
