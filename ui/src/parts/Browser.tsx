import { Trans } from '@lingui/react/macro'
import { Monitor, Smartphone } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Schemas } from '../api/client'
import { agentOf } from '../words/agent'
import { methodsIn } from '../words/audit'
import { formatAgo } from '../words/format'

/** A browser that is signed in, and what can be done with it. */
export function BrowserRow({ session, children }: { session: Schemas['SessionView']; children: ReactNode }) {
  const { browser, system, mobile } = agentOf(session.agent)
  const Icon = mobile ? Smartphone : Monitor
  return (
    <li className="li">
      <Icon className="icon" aria-hidden />
      <div className="grow">
        <div className="strong">
          {browser === null ? (
            <Trans>A browser</Trans>
          ) : system === null ? (
            browser
          ) : (
            <Trans>
              {browser} on {system}
            </Trans>
          )}
        </div>
        <div className="small muted">
          {session.current ? <Trans>this one</Trans> : formatAgo(session.seen_at)} · {session.address} ·{' '}
          {methodsIn(session.methods)}
        </div>
      </div>
      {children}
    </li>
  )
}
