import { Plural, Trans } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { api, take } from '../../api/client'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Trouble } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { formatBytes } from '../../words/format'

export interface Purge {
  /** Null: all that is in the bin. */
  ids: readonly string[] | null
  count: number
  bytes: number
}

/** There is no way back from this, so it is asked, with what and how much. */
export function PurgeDialog({
  purge,
  onClose,
  onDone,
}: {
  purge: Purge
  onClose: () => void
  onDone: () => void
}) {
  const { ids, count } = purge
  const size = formatBytes(purge.bytes)
  const act = useMutation({
    mutationFn: () =>
      ids === null
        ? take(api.POST('/api/v1/trash/empty'))
        : take(api.POST('/api/v1/trash/purge', { body: { ids: ids.map(Number) } })),
    onSuccess: ({ state }) => {
      say(
        state === 'working' ? (
          <Plural
            value={count}
            one="# item is being deleted for good."
            other="# items are being deleted for good."
          />
        ) : (
          <Plural value={count} one="# item deleted for good." other="# items deleted for good." />
        ),
      )
      onDone()
    },
  })
  return (
    <Modal
      as="dialog"
      title={ids === null ? <Trans>Empty the recycle bin</Trans> : <Trans>Delete for good</Trans>}
      onClose={onClose}
      footer={
        <>
          <Button kind="danger" busy={act.isPending} onClick={() => act.mutate()}>
            {ids === null ? (
              <Plural value={count} one="Empty # item" other="Empty # items" />
            ) : (
              <Plural value={count} one="Delete # item" other="Delete # items" />
            )}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Keep them</Trans>
          </Button>
        </>
      }
    >
      <p>
        <Trans>
          {size} leave the disk now, and nobody can bring them back. They are not downloaded again unless you
          allow it.
        </Trans>
      </p>
      {act.isError && <Trouble error={act.error} />}
    </Modal>
  )
}
