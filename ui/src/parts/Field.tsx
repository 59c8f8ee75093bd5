import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from 'react'
import { CircleAlert } from 'lucide-react'

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: ReactNode
  hint?: ReactNode
  /** A sentence on what is wrong and what would be right. */
  error?: ReactNode
  /** Stands behind the text, inside the field: a unit, or a button. */
  after?: ReactNode
  /** Stands before the text: an icon. */
  before?: ReactNode
  ref?: Ref<HTMLInputElement>
}

/** A text field with its label, its hint, and what is wrong with it. */
export function Field({ label, hint, error, before, after, ...rest }: FieldProps) {
  const id = useId()
  const told = error != null && error !== ''
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="input" aria-invalid={told || undefined}>
        {before}
        <input
          id={id}
          {...rest}
          aria-invalid={told || undefined}
          aria-describedby={told || hint != null ? `${id}-more` : undefined}
        />
        {after}
      </div>
      {(told || hint != null) && (
        <div id={`${id}-more`} className={told ? 'error' : 'hint'}>
          {told && <CircleAlert className="icon" aria-hidden />}
          <span>{told ? error : hint}</span>
        </div>
      )}
    </div>
  )
}
