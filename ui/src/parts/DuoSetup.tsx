import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { api, take } from '../api/client'
import { leaveForDuo } from '../api/duo'
import { useMe } from '../api/me'
import { Button } from './Button'
import { Field } from './Field'
import { Sentence } from './Trouble'

/** Sets up Duo: one's name there, and off to Duo's pages, which lead back to `after`. */
export function DuoSetup({ after }: { after: string }) {
  const { t } = useLingui()
  const { name } = useMe()
  const [username, setUsername] = useState(name)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const begin = async () => {
    setBusy(true)
    setError(null)
    try {
      const { url } = await take(api.POST('/api/v1/me/duo', { body: { username: username.trim() } }))
      leaveForDuo(url, { purpose: 'add', after })
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault()
        void begin()
      }}
    >
      <Field
        label={t`Your name at Duo`}
        value={username}
        required
        maxLength={128}
        error={error === null ? null : <Sentence error={error} />}
        hint={<Trans>You confirm it there, and come back here.</Trans>}
        onChange={(event) => setUsername(event.target.value)}
      />
      <div className="row">
        <Button kind="primary" submit busy={busy}>
          <Trans>Go on to Duo</Trans>
        </Button>
      </div>
    </form>
  )
}
