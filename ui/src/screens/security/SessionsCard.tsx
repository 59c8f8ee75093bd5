import { Plural, Trans } from '@lingui/react/macro'
import { Check } from 'lucide-react'
import { useState } from 'react'
import { api, type Schemas } from '../../api/client'
import { BrowserRow } from '../../parts/Browser'
import { Button } from '../../parts/Button'
import { queries } from '../../queries'
import { say } from '../../shell/toasts'
import { trouble } from '../../shell/undo'
import { Card } from './Card'
import { sessionsQuery } from './data'

type Session = Schemas['SessionView']

export function SessionsCard() {
  const [busy, setBusy] = useState<string | null>(null)
  const end = async (sessions: Session[], name: string) => {
    setBusy(name)
    try {
      for (const { id } of sessions)
        await api.DELETE('/api/v1/me/sessions/{session_id}', { params: { path: { session_id: id } } })
      say(<Plural value={sessions.length} one="# browser signed out." other="# browsers signed out." />)
    } catch (error) {
      trouble(error)
    } finally {
      setBusy(null)
      await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey })
    }
  }
  return (
    <Card
      wide
      title={<Trans>Where you are signed in</Trans>}
      query={sessionsQuery}
      action={(sessions) => {
        const others = sessions.filter((one) => !one.current)
        return (
          others.length > 1 && (
            <Button size="sm" busy={busy === 'others'} onClick={() => void end(others, 'others')}>
              <Trans>Sign out the others</Trans>
            </Button>
          )
        )
      }}
    >
      {(sessions) => (
        <ul className="browsers">
          {sessions
            .toSorted((a, b) => Number(b.current) - Number(a.current))
            .map((one) => (
              <BrowserRow key={one.id} session={one}>
                {one.current ? (
                  <span className="reason" data-family="ok">
                    <Check className="icon" aria-hidden />
                    <Trans>now</Trans>
                  </span>
                ) : (
                  <Button size="sm" busy={busy === one.id} onClick={() => void end([one], one.id)}>
                    <Trans>Sign out</Trans>
                  </Button>
                )}
              </BrowserRow>
            ))}
        </ul>
      )}
    </Card>
  )
}
