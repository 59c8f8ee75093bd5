import { useId, type ReactNode } from 'react'
import { ChevronDown } from 'lucide-react'

interface ChooseProps<T extends string> {
  label: ReactNode
  /** The label is read but not seen. */
  bare?: boolean
  value: T
  options: readonly (readonly [T, ReactNode])[]
  hint?: ReactNode
  changed?: boolean
  disabled?: boolean
  onChange: (value: T) => void
}

/** One of several, as the browser offers it. */
export function Choose<T extends string>({
  label,
  bare,
  value,
  options,
  hint,
  changed,
  disabled,
  onChange,
}: ChooseProps<T>) {
  const id = useId()
  return (
    <div className="field choose">
      <label htmlFor={id} className={bare ? 'vh' : undefined}>
        {label}
      </label>
      <div className="input" data-changed={changed ? '' : undefined}>
        <select
          id={id}
          value={value}
          disabled={disabled}
          aria-describedby={hint == null ? undefined : `${id}-more`}
          onChange={(event) => onChange(event.target.value as T)}
        >
          {options.map(([one, words]) => (
            <option key={one} value={one}>
              {words}
            </option>
          ))}
        </select>
        <ChevronDown className="icon" aria-hidden />
      </div>
      {hint != null && (
        <div id={`${id}-more`} className="hint">
          {hint}
        </div>
      )}
    </div>
  )
}
