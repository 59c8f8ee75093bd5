import { useRef, useState, type ReactNode } from 'react'
import { Popover, type Anchor } from './Popover'

export interface Choice {
  key: string
  label: ReactNode
  icon?: React.ComponentType<{ className?: string; 'aria-hidden'?: boolean }>
  /** What stands at the end: a key, or a count. */
  end?: ReactNode
  danger?: boolean
  disabled?: boolean
  onSelect: () => void
}

interface MenuProps {
  trigger: (anchor: Anchor) => ReactNode
  /** `null` between two choices draws a line. */
  choices: (Choice | null)[]
  label: string
  align?: 'start' | 'end'
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_at, count) => count - 1,
}

/** A letter goes to the next row that begins with it. */
function letter({ key, ctrlKey, metaKey, altKey }: React.KeyboardEvent, all: readonly HTMLElement[]) {
  if (key.length !== 1 || key === ' ' || ctrlKey || metaKey || altKey) return undefined
  return (at: number, count: number) => {
    const rows = all.map((_, step) => (at + 1 + step) % count)
    return rows.find((row) => all[row]?.innerText.toLowerCase().startsWith(key.toLowerCase())) ?? at
  }
}

/** A button that opens a menu; arrows walk in it, a letter goes to the row that begins with it. */
export function Menu({ trigger, choices, label, align = 'end' }: MenuProps) {
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const items = () => [
    ...(panel.current?.querySelectorAll<HTMLElement>('[role=menuitem]:not([disabled])') ?? []),
  ]
  const walk = (event: React.KeyboardEvent) => {
    const all = items()
    const at = all.findIndex((item) => item === document.activeElement)
    const step = STEPS[event.key] ?? letter(event, all)
    if (step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    all[step(at, all.length)]?.focus()
  }
  return (
    <Popover
      ref={panel}
      trigger={trigger}
      align={align}
      label={label}
      role="menu"
      className="menu"
      onToggle={(now) => {
        setOpen(now)
        if (now) requestAnimationFrame(() => items()[0]?.focus())
      }}
    >
      {(closer) =>
        open &&
        choices.map((choice, index) =>
          choice === null ? (
            <hr key={`line-${index}`} />
          ) : (
            <button
              key={choice.key}
              {...closer}
              type="button"
              role="menuitem"
              tabIndex={-1}
              disabled={choice.disabled}
              data-danger={choice.danger ? '' : undefined}
              onKeyDown={walk}
              onClick={choice.onSelect}
            >
              {choice.icon && <choice.icon className="icon" aria-hidden />}
              <span className="grow">{choice.label}</span>
              {choice.end != null && <span className="end">{choice.end}</span>}
            </button>
          ),
        )
      }
    </Popover>
  )
}
