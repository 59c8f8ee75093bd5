import type { LucideIcon } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type'> {
  /** `primary`: one in a view. `you`: settles what needs a person. `danger`: cannot be undone. */
  kind?: 'primary' | 'default' | 'soft' | 'quiet' | 'you' | 'danger'
  size?: 'sm' | 'md' | 'lg'
  icon?: LucideIcon
  /** Works at present: keeps its width and takes no second click. */
  busy?: boolean
  submit?: boolean
  /** The key that does the same, shown inside. */
  hotkey?: string
  children?: ReactNode
  ref?: Ref<HTMLButtonElement>
}

/** A button with words; with `icon` and `aria-label` alone it is a square. */
export function Button({
  kind = 'default',
  size = 'md',
  icon: Icon,
  busy,
  submit,
  hotkey,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      className="btn"
      type={submit ? 'submit' : 'button'}
      data-kind={kind}
      data-size={size}
      data-icon={children === undefined ? '' : undefined}
      data-busy={busy ? '' : undefined}
      aria-disabled={busy ? true : undefined}
      title={children === undefined ? rest['aria-label'] : undefined}
      {...rest}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
    >
      {Icon && !busy && <Icon className="icon" aria-hidden />}
      {children !== undefined && <span>{children}</span>}
      {hotkey !== undefined && <kbd className="desk">{hotkey}</kbd>}
    </button>
  )
}
