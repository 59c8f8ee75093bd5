import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, take } from '../../api/client'
import { comeFromDuo } from '../../api/duo'
import { Button } from '../../parts/Button'
import { RecoveryCodes } from '../../parts/RecoveryCodes'
import { Trouble } from '../../parts/Trouble'
import { pageAfter } from './after'
import { useEntering } from './entering'
import { Frame } from './Frame'

/** What Duo sends back stands in the address once; it is read, used and taken out of it. */
function told() {
  const search = new URLSearchParams(location.search)
  return { state: search.get('state') ?? '', code: search.get('duo_code') ?? search.get('code') ?? '' }
}

/** Where Duo sends people back to: proves it with what Duo has said, and goes on. */
export function Duo() {
  const [{ answer, leaving }] = useState(() => ({ answer: told(), leaving: comeFromDuo() }))
  const [codes, setCodes] = useState<readonly string[]>([])
  const [error, setError] = useState<unknown>(null)
  const enter = useEntering()
  useEffect(() => {
    history.replaceState(history.state, '', location.pathname)
    const go = async () => {
      if (leaving.purpose === 'sign-in')
        await api.POST('/api/v1/session/factors/{factor}', {
          params: { path: { factor: 'duo' } },
          body: { begin: false, ...answer },
        })
      else if (leaving.purpose === 'sudo')
        await api.POST('/api/v1/session/sudo', { body: { factor: 'duo', answer } })
      else {
        const { recovery_codes } = await take(api.POST('/api/v1/me/duo/confirm', { body: answer }))
        if (recovery_codes.length > 0) {
          setCodes(recovery_codes)
          return
        }
      }
      await enter(leaving.after)
    }
    go().catch(setError)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once: what Duo said counts once
  }, [])
  if (codes.length > 0)
    return (
      <Frame title={<Trans>Keep these codes</Trans>} lead={null} foot={null}>
        <RecoveryCodes codes={codes} onDone={() => void enter(leaving.after)} />
      </Frame>
    )
  return (
    <Frame
      title={<Trans>One more step</Trans>}
      lead={error === null ? <Trans>Checking what Duo has said.</Trans> : null}
      foot={null}
    >
      {error !== null && (
        <div className="col">
          <Trouble error={error} />
          <div className="row">
            {leaving.purpose === 'sign-in' ? (
              <Link className="btn" to="/sign-in/factor" search={{ after: pageAfter(leaving.after) }}>
                <Trans>Try again</Trans>
              </Link>
            ) : (
              <Button onClick={() => void enter(leaving.after)}>
                <Trans>Go back</Trans>
              </Button>
            )}
          </div>
        </div>
      )}
    </Frame>
  )
}
