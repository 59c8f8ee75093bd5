/** The keys of the whole application. What a screen adds it says by `useKeys`. */
import { useLayoutEffect } from 'react'
import type { KeyName } from './keymap'

/** What a key does. Who gives `false` has nothing to do with it just now, and it stays with the browser. */
export type Keys = Partial<Record<KeyName, (event: KeyboardEvent) => unknown>>

const G_MS = 1000
const SHIFTING = ['Shift', 'Control', 'Alt', 'Meta']
const NOT_WRITTEN = ['range', 'radio', 'checkbox', 'button', 'submit', 'reset', 'file', 'color', 'image']
const MOVES = /^(?:Arrow\w+|Home|End|PageUp|PageDown)$/
const WRITING = /^(?:(?:Shift\+)?[^+]+|\+|Ctrl\+(?:Shift\+)?[acvxyz])$/

/** The name of a pressed key: `z`, `Ctrl+k`, `Shift+x`, `?`, `ArrowLeft`. */
export function keyOf(event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>) {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event
  const shift = shiftKey && (key.length > 1 || /\p{L}/u.test(key))
  const name = key.length === 1 ? key.toLowerCase() : key
  return [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shift && 'Shift', name].filter(Boolean).join('+')
}

/** Does something for a press, not again and again while the key is held. */
export const once = (does: () => void) => (event: KeyboardEvent) => {
  if (!event.repeat) does()
}

/** Whether a key belongs to what has the focus: to a field what is written, to a slider what moves it. */
function isTaken(name: string, { target }: KeyboardEvent) {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement && NOT_WRITTEN.includes(target.type)) {
    const moves = target.type === 'range' || target.type === 'radio'
    return name === 'Enter' || (moves ? MOVES.test(name) : name === ' ')
  }
  if (target.matches('button, summary')) return name === ' ' || name === 'Enter'
  const writes = target.isContentEditable || target.matches('input, textarea, select, [role=combobox]')
  return writes && WRITING.test(name)
}

/** Whether something lies over the page that has keys of its own. */
function isCovered(plain: boolean) {
  return document.querySelector(plain ? 'dialog[open], :popover-open' : 'dialog[open]') !== null
}

/** The single letters and signs were switched off by the person (WCAG 2.1.4); the others stay. */
export function lettersAreOff() {
  return localStorage.getItem('letters') === 'off'
}

const heard = new Set<Keys>()
let lastG = -Infinity

function press(event: KeyboardEvent) {
  if (event.isComposing || SHIFTING.includes(event.key)) return
  const afterG = event.timeStamp - lastG < G_MS
  lastG = -Infinity
  if (event.defaultPrevented) return
  const name = keyOf(event)
  const plain = !/^(?:Ctrl|Alt)\+/.test(name)
  const letter = plain && event.key.length === 1 && event.key !== ' '
  if (isTaken(name, event) || isCovered(plain) || (letter && lettersAreOff())) return
  if (name === 'g' && !event.repeat) lastG = event.timeStamp
  const sequence = `g ${name}`
  const wanted = afterG && [...heard].some((keys) => sequence in keys) ? sequence : name
  for (const keys of heard) {
    const does = keys[wanted as KeyName]
    if (does === undefined || does(event) === false) continue
    event.preventDefault()
    return
  }
}

/** What is in the keys of somebody, and not in the map of them: nothing may. */
type Unmapped<T> = { [K in keyof T as `${K & (string | number)}` extends KeyName ? never : K]: never }

/**
 * Listens while the component stands. `g h` is G and then H within a second: H alone does nothing then.
 * While a dialog is open, only its own keys count; over an open popover, and while somebody writes, only
 * those with Ctrl or Alt.
 */
export function useKeys<T extends Keys>(keys: T & Unmapped<T>) {
  useLayoutEffect(() => {
    if (heard.size === 0) window.addEventListener('keydown', press)
    heard.add(keys)
    return () => {
      heard.delete(keys)
      if (heard.size === 0) window.removeEventListener('keydown', press)
    }
  }, [keys])
}
