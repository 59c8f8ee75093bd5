import { Trans } from '@lingui/react/macro'
import { RotateCw } from 'lucide-react'
import { Problem } from '../api/client'
import { Button } from './Button'

/** What went wrong, in words, with the number under which the log knows more. */
export function Sentence({ error }: { error: unknown }) {
  if (!(error instanceof Problem))
    return <Trans>This page failed to load. It is our fault, not yours. Nothing was lost.</Trans>
  if (error.status === 0)
    return <Trans>Gatherum does not answer. It may be starting again, or the network is down.</Trans>
  return <>{error.detail || error.title}</>
}

/** Stands where something could not be shown, with the button that tries again. */
export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const number = error instanceof Problem ? error.id : ''
  return (
    <div className="note" data-family="stuck" role="alert">
      <div className="grow">
        <div className="strong">
          <Sentence error={error} />
        </div>
        {number !== '' && (
          <div className="small soft">
            <Trans>
              Number <span className="mono">{number}</span> is in the log.
            </Trans>
          </div>
        )}
      </div>
      {onRetry && (
        <Button kind="soft" icon={RotateCw} onClick={onRetry}>
          <Trans>Load again</Trans>
        </Button>
      )}
    </div>
  )
}
