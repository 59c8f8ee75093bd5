/** What stands in the place of a page that is not there, not there yet, or broken. */
import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { Trans } from '@lingui/react/macro'
import { Empty } from '../parts/Empty'
import { Trouble } from '../parts/Trouble'

export function Missing() {
  return (
    <Empty
      title={<Trans>Nothing is at this address</Trans>}
      action={
        <Link className="btn" data-kind="primary" to="/">
          <Trans>To Home</Trans>
        </Link>
      }
    >
      <Trans>It may have been moved or deleted for good.</Trans>
    </Empty>
  )
}

export function Wrong({ error, reset }: ErrorComponentProps) {
  return (
    <div className="body">
      <Trouble error={error} onRetry={reset} />
    </div>
  )
}

export function Waiting() {
  return <div className="body skeletons" aria-busy="true" />
}
