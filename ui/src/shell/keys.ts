/** The keys of the whole application. What a screen adds it says by `useKeys`. */
import { useEffect } from 'react'

export type Keys = Record<string, (event: KeyboardEvent) => void>

/** Whether somebody writes there: single letters are theirs. */
function writes(target: EventTarget | null) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select, [role=combobox]'))
  )
}

/** The name of a pressed key: `z`, `Ctrl+k`, `Shift+x`, `?`, `ArrowLeft`. */
export function keyOf(event: KeyboardEvent): string {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event
  const shift = shiftKey && (key.length > 1 || /\p{L}/u.test(key))
  const name = key.length === 1 ? key.toLowerCase() : key
  return [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shift && 'Shift', name].filter(Boolean).join('+')
}

let lastG = 0

/** The keys that were switched off by the person (WCAG 2.1.4); the keys with Ctrl stay. */
export function lettersAreOff() {
  return localStorage.getItem('letters') === 'off'
}

/**
 * Listens while the component stands. `g h` is G and then H within a second. While a dialog is open, only
 * its own keys count; while somebody writes, only those with Ctrl or Alt.
 */
export function useKeys(keys: Keys) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const name = keyOf(event)
      const plain = !name.startsWith('Ctrl+') && !name.startsWith('Alt+')
      if (plain && (writes(event.target) || (lettersAreOff() && name.length === 1))) return
      if (document.querySelector('dialog[open]') !== null) return
      const sequence = Date.now() - lastG < 1000 ? keys[`g ${name}`] : undefined
      const handler = sequence ?? keys[name]
      if (handler === undefined) return
      event.preventDefault()
      handler(event)
    }
    const remember = (event: KeyboardEvent) => {
      if (!writes(event.target)) lastG = keyOf(event) === 'g' ? Date.now() : 0
    }
    window.addEventListener('keydown', press)
    window.addEventListener('keyup', remember)
    return () => {
      window.removeEventListener('keydown', press)
      window.removeEventListener('keyup', remember)
    }
  }, [keys])
}
