import { Trans } from '@lingui/react/macro'
import { useMay } from '../../api/me'
import { Empty } from '../../parts/Empty'
import { Export } from './Export'
import { Import } from './Import'
import './transfer.css'

/** Everything that was put in, out as a file; and such a file in, looked at before anything is changed. */
export function Transfer() {
  if (!useMay('transfer'))
    return (
      <div className="body">
        <Empty title={<Trans>Import and export are for administrators</Trans>}>
          <Trans>They move the whole history. Single files you save from the library.</Trans>
        </Empty>
      </div>
    )
  return (
    <div className="body transfer">
      <header className="transfer-head">
        <h2 className="transfer-title">
          <Trans>Import and export</Trans>
        </h2>
        <p className="soft">
          <Trans>
            History, subscriptions and settings as a file, without secrets. The pictures and videos are files
            in your library already.
          </Trans>
        </p>
      </header>
      <Export />
      <Import />
    </div>
  )
}
