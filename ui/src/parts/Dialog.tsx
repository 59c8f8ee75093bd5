import { useId, useLayoutEffect, useRef, type ReactNode } from 'react'
import { X } from 'lucide-react'
import { useLingui } from '@lingui/react/macro'
import { Button } from './Button'

interface ModalProps {
  /** `sheet` slides in at the side (from below on phones), the list still in sight; `dialog` is for what has no undo. */
  as: 'dialog' | 'sheet'
  title: ReactNode
  /** Stands under the title. */
  lead?: ReactNode
  onClose: () => void
  footer?: ReactNode
  children?: ReactNode
  /** It shows what is shown once: nothing closes it but the buttons in it. */
  stays?: boolean
  /** Pixels; a sheet's is 520 otherwise. */
  width?: number
}

/** A modal window: the browser keeps the focus in it, gives it back, and lets Esc close it. */
export function Modal({ as, title, lead, onClose, footer, children, stays = false, width }: ModalProps) {
  const { t } = useLingui()
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const pressed = useRef(false)
  useLayoutEffect(() => {
    const element = ref.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- Esc is the key that does it
    <dialog
      ref={ref}
      className={as}
      aria-labelledby={heading}
      style={width === undefined ? undefined : { width }}
      onCancel={(event) => {
        // A file picker that is left tells the same, and bubbles.
        if (event.target !== ref.current) return
        event.preventDefault()
        if (!stays) onClose()
      }}
      onClose={(event) => {
        // Esc pressed twice closes it whatever we say.
        if (event.target !== ref.current || ref.current.open) return
        if (stays) ref.current.showModal()
        else onClose()
      }}
      onPointerDown={(event) => {
        pressed.current = isOutside(event, ref.current)
      }}
      onClick={(event) => {
        // Text that is selected beyond the edge ends outside, and has not begun there.
        if (!stays && pressed.current && isOutside(event, ref.current)) onClose()
      }}
    >
      <header className="row">
        <div className="grow">
          <h2 id={heading}>{title}</h2>
          {lead != null && <div className="soft small">{lead}</div>}
        </div>
        {!stays && <Button kind="quiet" icon={X} aria-label={t`Close`} onClick={onClose} />}
      </header>
      <div className="scroll">{children}</div>
      {footer != null && <footer>{footer}</footer>}
    </dialog>
  )
}

function isOutside({ target, clientX: x, clientY: y }: React.MouseEvent, element: HTMLElement | null) {
  if (element === null || target !== element) return false
  const { left, right, top, bottom } = element.getBoundingClientRect()
  return x < left || x > right || y < top || y > bottom
}
