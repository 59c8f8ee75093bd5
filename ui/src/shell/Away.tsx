/** Says over every page that the database is away: what is shown may be old, and nothing can be changed. */
import { Trans } from '@lingui/react/macro'
import { Database } from 'lucide-react'
import { useConnection } from '../api/live'

export function Away() {
  const { away } = useConnection()
  return (
    <div role="status">
      {away && (
        <p className="note" data-family="stuck">
          <Database className="icon" aria-hidden />
          <span>
            <b>
              <Trans>The database is away.</Trans>
            </b>{' '}
            <Trans>What you see may be old. Everything goes on by itself when it is back.</Trans>
          </span>
        </p>
      )}
    </div>
  )
}
