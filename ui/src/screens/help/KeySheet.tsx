import { Trans } from '@lingui/react/macro'
import { Modal } from '../../parts/Dialog'
import { KeyMap } from './KeyMap'

/** The map of the keys over whatever is open. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Modal as="dialog" width={780} title={<Trans>Keys</Trans>} onClose={onClose}>
      <KeyMap />
    </Modal>
  )
}
