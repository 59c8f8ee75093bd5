import { Trans, useLingui } from '@lingui/react/macro'
import { Ban, Check as Tick, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatNumber } from '../../words/format'

interface ChoiceProps {
  checked: boolean | 'mixed'
  label: string
  sign?: ReactNode
  count?: number | undefined
  out?: boolean
  nested?: boolean
  onToggle: () => void
  onLeaveOut?: () => void
}

/** A value to want, with how many have it; or to leave out. */
export function Choice({ checked, label, sign, count, out, nested, onToggle, onLeaveOut }: ChoiceProps) {
  const { t } = useLingui()
  return (
    <li className="choice" data-nested={nested ? '' : undefined} data-out={out ? '' : undefined}>
      <button type="button" role="checkbox" aria-checked={checked} onClick={onToggle}>
        <span className="check" aria-hidden data-checked={String(checked)}>
          {checked === true && <Tick className="icon" />}
          {checked === 'mixed' && <Minus className="icon" />}
        </span>
        {sign}
        <span className="cut grow">{label}</span>
        <span className="end">
          {out ? <Trans>left out</Trans> : count === undefined ? '' : formatNumber(count)}
        </span>
      </button>
      {onLeaveOut && (
        <button
          type="button"
          className="leave-out"
          aria-pressed={out ?? false}
          aria-label={t`Leave out ${label}`}
          title={t`Leave out ${label}`}
          onClick={onLeaveOut}
        >
          <Ban className="icon" aria-hidden />
        </button>
      )}
    </li>
  )
}
