import { useId, type ReactNode, type RefObject } from 'react'
import { cx } from './cx'

/** What a button needs to open a popover: spread it on the button. */
export interface Anchor {
  popoverTarget: string
  'aria-haspopup': 'menu' | 'dialog'
  style: React.CSSProperties
}

/** What a button inside needs to close the popover: spread it on the button. */
export interface Closer {
  popoverTarget: string
  popoverTargetAction: 'hide'
}

interface PopoverProps {
  /** Draws the button that opens it. */
  trigger: (anchor: Anchor) => ReactNode
  /** Opens with the start (or the end) of the button. */
  align?: 'start' | 'end'
  /** The popover's name for readers; a menu takes that of its button. */
  label?: string
  className?: string
  role?: 'menu' | 'dialog'
  onToggle?: (open: boolean) => void
  children: ReactNode | ((closer: Closer) => ReactNode)
  ref?: RefObject<HTMLDivElement | null>
}

/**
 * A panel at a button. The browser opens it above everything, closes it on Esc and on a press outside, and
 * gives the focus back; the style sheet places it at its button and turns it where there is no room.
 */
export function Popover({
  trigger,
  align = 'end',
  label,
  className,
  role = 'dialog',
  onToggle,
  children,
  ref,
}: PopoverProps) {
  const id = useId()
  const anchorName = `--${id.replace(/[^\w-]/g, '')}`
  return (
    <>
      {trigger({ popoverTarget: id, 'aria-haspopup': role, style: { anchorName } })}
      <div
        ref={ref}
        id={id}
        popover="auto"
        role={role}
        aria-label={label}
        className={cx('popover', className)}
        data-align={align}
        style={{ positionAnchor: anchorName }}
        onToggle={(event) => onToggle?.(event.newState === 'open')}
      >
        {typeof children === 'function'
          ? children({ popoverTarget: id, popoverTargetAction: 'hide' })
          : children}
      </div>
    </>
  )
}
