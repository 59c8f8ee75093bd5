/** Short messages at the edge: what happened, and the way back. */
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react'
import { Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert, Check, X } from 'lucide-react'
import { Button } from '../parts/Button'

const SHOWN_MS = 8000
const MOST = 3

export interface Toast {
  id: number
  text: ReactNode
  tone: 'done' | 'trouble'
  undo: (() => void) | undefined
}

let next = 1
let toasts: readonly Toast[] = []
const watchers = new Set<() => void>()

function set(now: readonly Toast[]) {
  toasts = now
  for (const tell of watchers) tell()
}

/**
 * Says what happened, for eight seconds; gives the number by which it can be dropped before. With `undo`,
 * the message has the button that takes it back.
 */
export function say(
  text: ReactNode,
  { tone = 'done', undo }: { tone?: Toast['tone']; undo?: () => void } = {},
): number {
  const toast: Toast = { id: next++, text, tone, undo }
  set([...toasts.slice(1 - MOST), toast])
  return toast.id
}

/** Takes a message away, if it still stands there. */
export function drop(id: number) {
  set(toasts.filter((toast) => toast.id !== id))
}

function subscribe(tell: () => void) {
  watchers.add(tell)
  return () => void watchers.delete(tell)
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <ToastRow key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function ToastRow({ toast }: { toast: Toast }) {
  const { t } = useLingui()
  const left = useRef(SHOWN_MS)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const since = useRef(0)
  const holders = useRef(new Set<'pointer' | 'focus'>())
  const hold = (who: 'pointer' | 'focus') => () => {
    if (holders.current.size === 0) {
      clearTimeout(timer.current)
      left.current -= Date.now() - since.current
    }
    holders.current.add(who)
  }
  const release = (who: 'pointer' | 'focus') => () => {
    if (!holders.current.delete(who) || holders.current.size > 0) return
    since.current = Date.now()
    timer.current = setTimeout(() => drop(toast.id), left.current)
  }
  useEffect(() => {
    since.current = Date.now()
    timer.current = setTimeout(() => drop(toast.id), SHOWN_MS)
    return () => clearTimeout(timer.current)
  }, [toast.id])
  const Icon = toast.tone === 'done' ? Check : CircleAlert
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- it only stays while somebody is at it
    <div
      className="toast"
      data-tone={toast.tone}
      onPointerEnter={hold('pointer')}
      onPointerLeave={release('pointer')}
      onFocus={hold('focus')}
      onBlur={release('focus')}
    >
      <Icon className="icon" aria-hidden />
      <span className="grow">{toast.text}</span>
      {toast.undo && (
        <Button
          size="sm"
          hotkey="Z"
          onClick={() => {
            drop(toast.id)
            toast.undo?.()
          }}
        >
          <Trans>Undo</Trans>
        </Button>
      )}
      <Button size="sm" icon={X} aria-label={t`Dismiss`} onClick={() => drop(toast.id)} />
    </div>
  )
}
