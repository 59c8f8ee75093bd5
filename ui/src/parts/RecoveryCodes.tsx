import { Trans, useLingui } from '@lingui/react/macro'
import { Copy, Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from './Button'
import './factors.css'

/** Recovery codes, shown this once: to be copied or kept as a file before one goes on. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useLingui()
  const [copied, setCopied] = useState(false)
  const text = `${t`Recovery codes of Gatherum. Each works once.`}\n\n${codes.join('\n')}\n`
  return (
    <div className="col">
      <p className="soft">
        <Trans>
          These codes let you in when your second factor is lost. Each works once. They are shown only now.
        </Trans>
      </p>
      <ul className="codes mono" aria-label={t`Recovery codes`}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row wrap">
        <Button
          icon={Copy}
          onClick={() => void navigator.clipboard.writeText(codes.join('\n')).then(() => setCopied(true))}
        >
          {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
        </Button>
        <a
          className="btn"
          download="gatherum-recovery-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
        >
          <Download className="icon" aria-hidden />
          <Trans>Keep as a file</Trans>
        </a>
        <Button kind="primary" onClick={onDone}>
          <Trans>I have kept them</Trans>
        </Button>
      </div>
      <span className="vh" role="status">
        {copied && <Trans>Copied</Trans>}
      </span>
    </div>
  )
}
