/** Links that come without a field: pasted anywhere on a page, or dropped on the window. */
import { useEffect, useEffectEvent, useState } from 'react'
import { findLinks } from './links'

const PLAIN = 'text/plain'
const LIST = 'text/uri-list'
const FIELDS = 'input, textarea, select, [contenteditable], [role=combobox]'

/** Calls back with the text that came; gives whether something is held over the window just now. */
export function useIncoming(take: (text: string) => void) {
  const [over, setOver] = useState(false)
  const taken = useEffectEvent(take)
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const { target } = event
      if (target instanceof Element && target.closest(FIELDS) !== null) return
      if (document.querySelector('dialog[open]') !== null) return
      const text = event.clipboardData?.getData(PLAIN).trim() ?? ''
      if (text === '') return
      event.preventDefault()
      taken(text)
    }
    let ours = false // what begins here is moved within a page, and no business of the bar
    const start = () => void (ours = true)
    const end = () => void (ours = false)
    const drag = (event: DragEvent) => {
      if (ours || !hasText(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent) => {
      setOver(false)
      if (ours || !hasText(event) || event.defaultPrevented) return
      const data = event.dataTransfer
      const text = [LIST, PLAIN].map((type) => data?.getData(type) ?? '').find((each) => each !== '')
      if (text === undefined || findLinks(text).length === 0) return
      event.preventDefault()
      taken(text)
    }
    const heard: [string, (event: never) => void][] = [
      ['paste', paste],
      ['dragstart', start],
      ['dragend', end],
      ['dragenter', drag],
      ['dragover', drag],
      ['dragleave', leave],
      ['drop', drop],
    ]
    for (const [name, hear] of heard) window.addEventListener(name, hear as EventListener)
    return () => {
      for (const [name, hear] of heard) window.removeEventListener(name, hear as EventListener)
    }
  }, [])
  return over
}

function hasText(event: DragEvent) {
  const types = event.dataTransfer?.types ?? []
  return types.includes(LIST) || types.includes(PLAIN)
}
