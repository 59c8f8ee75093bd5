import { Trans, useLingui } from '@lingui/react/macro'
import { Download } from 'lucide-react'
import { useRef } from 'react'
import { Button } from './Button'
import { CopyButton } from './CopyButton'
import './factors.css'

/** Recovery codes, shown this once: to be copied or kept as a file before one goes on. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useLingui()
  const list = useRef<HTMLUListElement>(null)
  const text = `${t`Recovery codes of Gatherum. Each works once.`}\n\n${codes.join('\n')}\n`
  return (
    <div className="col">
      <p className="soft">
        <Trans>
          These codes let you in when your second factor is lost. Each works once. They are shown only now.
        </Trans>
      </p>
      <ul ref={list} className="codes mono" aria-label={t`Recovery codes`}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row wrap">
        <CopyButton text={codes.join('\n')} shown={list} />
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
    </div>
  )
}
