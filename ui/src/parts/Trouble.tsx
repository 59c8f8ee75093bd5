import { Trans } from '@lingui/react/macro'
import { RotateCw } from 'lucide-react'
import { Problem } from '../api/client'
import { Button } from './Button'

interface SentenceProps {
  error: unknown
  /** The number under which the log knows more is told as well where the words say what to do otherwise. */
  numbered?: boolean
}

/** What went wrong, in words; of what is no fault of who asked, with its number in the log. */
export function Sentence({ error, numbered = false }: SentenceProps) {
  const told = numbered || (error instanceof Problem && error.status >= 500)
  return (
    <>
      <Words error={error} />
      {told && hasNumber(error) && (
        <>
          {' '}
          <span className="number">
            <InTheLog number={error.id} />
          </span>
        </>
      )}
    </>
  )
}

function Words({ error }: { error: unknown }) {
  if (!(error instanceof Problem))
    return <Trans>This page failed to load. It is our fault, not yours. Nothing was lost.</Trans>
  if (error.status === 0)
    return <Trans>Gatherum does not answer. It may be starting again, or the network is down.</Trans>
  return <>{error.detail || error.title}</>
}

const hasNumber = (error: unknown): error is Problem => error instanceof Problem && error.id !== ''

function InTheLog({ number }: { number: string }) {
  return (
    <Trans>
      Number <span className="mono">{number}</span> is in the log.
    </Trans>
  )
}

/** Stands where something could not be shown, with the button that tries again. */
export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div className="note" data-family="stuck" role="alert">
      <div className="grow">
        <div className="strong">
          <Words error={error} />
        </div>
        {hasNumber(error) && (
          <div className="small soft">
            <InTheLog number={error.id} />
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
