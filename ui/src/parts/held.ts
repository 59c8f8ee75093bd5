import { useEffect, useState, type RefObject } from 'react'

const LEFT_MS = 600

/** Whether somebody is at a list, by pointer or by keys: then nothing may move in it. */
export function useHeld(list: RefObject<HTMLElement | null>): boolean {
  const [held, setHeld] = useState(false)
  useEffect(() => {
    const element = list.current
    if (element === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      clearTimeout(timer)
      if (isAt(element)) setHeld(true)
      else timer = setTimeout(() => setHeld(isAt(element)), LEFT_MS)
    }
    const heard = ['pointerenter', 'pointerleave', 'focusin', 'focusout']
    for (const name of heard) element.addEventListener(name, look)
    return () => {
      clearTimeout(timer)
      for (const name of heard) element.removeEventListener(name, look)
    }
  }, [list])
  return held
}

/** A finger leaves no pointer behind, so only a mouse hovers. */
function isAt(element: HTMLElement) {
  const hovers = matchMedia('(hover: hover)').matches && element.matches(':hover')
  return hovers || element.querySelector(':focus-visible') !== null
}
