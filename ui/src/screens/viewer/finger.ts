import { useRef, type PointerEvent, type RefObject } from 'react'
import { swiped, zoomed, type View } from './zoom'

interface Point {
  x: number
  y: number
}
interface FingerOptions {
  view: RefObject<View>
  show: (view: View, smooth?: boolean) => void
  at: (event: { clientX: number; clientY: number }) => Point
  most: () => number
  onSwipe: (to: 'next' | 'back' | 'close') => void
}

/** Drags pan, two fingers pinch, one finger on a picture that fits swipes. */
export function useFinger({ view, show, at, most, onSwipe }: FingerOptions) {
  const down = useRef(new Map<number, Point>())
  const start = useRef({ x: 0, y: 0, at: 0, pinched: false })
  const middle = () => {
    const all = [...down.current.values()]
    const sum = all.reduce((total, one) => ({ x: total.x + one.x, y: total.y + one.y }), { x: 0, y: 0 })
    return { x: sum.x / all.length, y: sum.y / all.length }
  }
  const spread = () => {
    const [a, b] = [...down.current.values()]
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0
  }
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      if (down.current.size === 0) start.current = { ...at(event), at: event.timeStamp, pinched: false }
      down.current.set(event.pointerId, at(event))
      if (down.current.size > 1) start.current.pinched = true
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!down.current.has(event.pointerId)) return
      const [wasMiddle, wasSpread] = [middle(), spread()]
      down.current.set(event.pointerId, at(event))
      const [nowMiddle, nowSpread] = [middle(), spread()]
      const { scale, x, y } = view.current
      const moved = { scale, x: x + nowMiddle.x - wasMiddle.x, y: y + nowMiddle.y - wasMiddle.y }
      if (down.current.size === 2 && wasSpread > 0)
        show(zoomed(moved, (scale * nowSpread) / wasSpread, most(), nowMiddle))
      else if (scale > 1) show(moved)
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if (!down.current.delete(event.pointerId) || down.current.size > 0) return
      if (event.pointerType === 'mouse' || view.current.scale > 1 || start.current.pinched) return
      const now = at(event)
      const to = swiped(now.x - start.current.x, now.y - start.current.y, event.timeStamp - start.current.at)
      if (to !== null) onSwipe(to)
    },
    onPointerCancel: (event: PointerEvent<HTMLElement>) => void down.current.delete(event.pointerId),
  }
}
