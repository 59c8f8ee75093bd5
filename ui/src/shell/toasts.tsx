/** Short messages at the edge: what happened, and the way back. */
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert, Check, X } from 'lucide-react'
import { Button } from '../parts/Button'
import { Countdown } from './countdown'

const SHOWN_MS = 8000
const MOST = 3

export interface Toast {
  id: number
  text: ReactNode
  tone: 'done' | 'trouble'
  undo: (() => void) | undefined
  again: (() => void) | undefined
}

interface Ways {
  tone?: Toast['tone']
  /** Takes back what happened. */
  undo?: (() => void) | undefined
  /** Tries once more what did not succeed. */
  again?: (() => void) | undefined
}

let next = 1
let toasts: readonly Toast[] = []
const watchers = new Set<() => void>()

function set(now: readonly Toast[]) {
  toasts = now
  for (const tell of watchers) tell()
}

/**
 * Says what happened, for eight seconds; gives the number by which it can be dropped before. The message
 * has a button for each way on.
 */
export function say(text: ReactNode, { tone = 'done', undo, again }: Ways = {}): number {
  const toast: Toast = { id: next++, text, tone, undo, again }
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
  const [countdown] = useState(() => new Countdown(() => drop(toast.id), SHOWN_MS))
  useEffect(() => countdown.start(), [countdown])
  const Icon = toast.tone === 'done' ? Check : CircleAlert
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- it only stays while somebody is at it
    <div
      className="toast"
      data-tone={toast.tone}
      onPointerEnter={() => countdown.hold('pointer')}
      onPointerLeave={() => countdown.release('pointer')}
      onFocus={() => countdown.hold('focus')}
      onBlur={() => countdown.release('focus')}
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
      {toast.again && (
        <Button
          size="sm"
          onClick={() => {
            drop(toast.id)
            toast.again?.()
          }}
        >
          <Trans>Try again</Trans>
        </Button>
      )}
      <Button size="sm" icon={X} aria-label={t`Dismiss`} onClick={() => drop(toast.id)} />
    </div>
  )
}
