import { Check as Tick, Minus } from 'lucide-react'

interface CheckProps {
  checked: boolean | 'mixed'
  label: string
  onChange: (checked: boolean, event: React.MouseEvent) => void
}

/** A box to tick, without visible words: for rows and pictures. */
export function Check({ checked, label, onChange }: CheckProps) {
  return (
    <button
      type="button"
      role="checkbox"
      className="check"
      aria-checked={checked}
      aria-label={label}
      onClick={(event) => onChange(checked !== true, event)}
    >
      {checked === true && <Tick className="icon" aria-hidden />}
      {checked === 'mixed' && <Minus className="icon" aria-hidden />}
    </button>
  )
}

interface SwitchProps {
  checked: boolean
  label: string
  id?: string
  describedBy?: string
  disabled?: boolean
  onChange: (checked: boolean) => void
}

/** On or off, at once. */
export function Switch({ checked, label, id, describedBy, disabled, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      id={id}
      role="switch"
      className="switch"
      aria-checked={checked}
      aria-label={label}
      aria-describedby={describedBy}
      disabled={disabled}
      onClick={() => onChange(!checked)}
    />
  )
}
