import { Plural, useLingui, Trans } from '@lingui/react/macro'
import { Pause, Play, RotateCw, SlidersHorizontal, UserRoundMinus, X } from 'lucide-react'
import { Button } from '../../parts/Button'
import { checkNow, pause, resume, unfollow } from './acts'
import type { Subscription } from './schedule'
import type { Selection } from './selection'

interface BatchProps {
  selection: Selection
  shown: readonly Subscription[]
  onEdit: () => void
}

/** What can be done to all that are selected. */
export function Batch({ selection, shown, onEdit }: BatchProps) {
  const { t } = useLingui()
  const ids = [...selection.ids]
  const chosen = shown.filter((one) => selection.has(one.id))
  const rest = chosen.length > 0 && chosen.every((one) => one.paused)
  const { length } = ids
  return (
    <div className="batch" role="toolbar" aria-label={t`Selected subscriptions`}>
      <div className="sum">
        <span className="strong">
          <Plural value={length} one="# selected" other="# selected" />
        </span>
      </div>
      <Button icon={SlidersHorizontal} onClick={onEdit}>
        <Trans>Change</Trans>
      </Button>
      <Button icon={RotateCw} onClick={() => void checkNow(ids)}>
        <Trans>Check now</Trans>
      </Button>
      {rest ? (
        <Button icon={Play} onClick={() => void resume(ids)}>
          <Trans>Go on</Trans>
        </Button>
      ) : (
        <Button icon={Pause} onClick={() => void pause(ids)}>
          <Trans>Pause</Trans>
        </Button>
      )}
      <Button
        icon={UserRoundMinus}
        onClick={() => {
          selection.clear()
          void unfollow(ids)
        }}
      >
        <Trans>Unfollow</Trans>
      </Button>
      <Button icon={X} aria-label={t`Select nothing`} onClick={selection.clear} />
    </div>
  )
}
