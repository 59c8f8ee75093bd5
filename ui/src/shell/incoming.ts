/** What comes without a field: links pasted anywhere on a page, links and files dropped on the window. */
import { useEffectEvent, useLayoutEffect, useState } from 'react'
import { findLinks } from './links'

const PLAIN = 'text/plain'
const LIST = 'text/uri-list'
const FILES = 'Files'
const FIELDS = 'input, textarea, select, [contenteditable], [role=combobox]'

/** Calls back with the text, or the file, that came; gives whether something is held over the window. */
export function useIncoming(take: (text: string) => void, takeFile?: (file: File) => void) {
  const [over, setOver] = useState(false)
  const taken = useEffectEvent(take)
  const takenFile = useEffectEvent((file: File) => takeFile?.(file))
  const suits = useEffectEvent((event: DragEvent) => hasText(event) || (takeFile && hasFile(event)))
  // Before the first painting: what is pasted or dropped in the first frame counts as well.
  useLayoutEffect(() => {
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
      if (ours || !suits(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent) => {
      setOver(false)
      if (ours || !suits(event) || event.defaultPrevented) return
      const data = event.dataTransfer
      const file = data?.files[0]
      if (file) {
        event.preventDefault()
        takenFile(file)
        return
      }
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

const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes(FILES) ?? false

function hasText(event: DragEvent) {
  const types = event.dataTransfer?.types ?? []
  return types.includes(LIST) || types.includes(PLAIN)
}
