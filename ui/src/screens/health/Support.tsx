import { Trans } from '@lingui/react/macro'
import { LifeBuoy } from 'lucide-react'
import { useState } from 'react'
import { api, take } from '../../api/client'
import { Button } from '../../parts/Button'
import { trouble } from '../../shell/undo'
import { saveFile } from './save'

/** Saves what helps somebody who is asked for help, as one file. */
export function SupportButton() {
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      const report = await take(api.GET('/api/v1/support'))
      saveFile('support', 'json', [JSON.stringify(report, null, 2)])
    } catch (error) {
      trouble(error, save)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button icon={LifeBuoy} busy={busy} onClick={() => void save()}>
      {busy ? <Trans>Gathering</Trans> : <Trans>Save a support report</Trans>}
    </Button>
  )
}
