import { Trans } from '@lingui/react/macro'
import { KeyMap } from './KeyMap'

export function Help() {
  return (
    <div className="body">
      <div className="help">
        <h1>
          <Trans>Help</Trans>
        </h1>
        <p className="soft">
          <Trans>
            Paste a link anywhere on a page to bring what is behind it. Search in the same bar. Most things
            can be taken back with Z.
          </Trans>
        </p>
        <h2>
          <Trans>Keys</Trans>
        </h2>
        <KeyMap />
      </div>
    </div>
  )
}
