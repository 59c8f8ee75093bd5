/** What mouse and fingers do in the timeline: ticks, ranges, a frame, a long press. The cursor follows the focus. */
import { useEffect, type RefObject } from 'react'
import type { Desk } from './desk'
import { headerOf, type Spot, type Timeline } from './timeline'

export interface Frame {
  left: number
  top: number
  width: number
  height: number
}

interface Wishes {
  open: (id: string, day: number) => void
  trouble: (error: unknown) => void
  /** The frame that is drawn, in the timeline's layer; null when it ends. */
  onFrame: (frame: Frame | null) => void
}

const PRESS_MS = 450
const SLIP = 8 // pixels that a press may move
const EDGE = 48 // pixels from where a frame scrolls
const SCROLL = 14

export function usePointer(box: RefObject<HTMLElement | null>, desk: Desk, wishes: Wishes) {
  useEffect(() => (box.current ? listen(box.current, desk, wishes) : undefined), [box, desk, wishes])
}

function listen(box: HTMLElement, desk: Desk, { open, trouble, onFrame }: Wishes) {
  const { controller, timeline, selection } = desk
  const ended = new AbortController()
  const { signal } = ended
  let press: ReturnType<typeof setTimeout> | undefined
  let begun: { x: number; y: number } | null = null
  let frame: { x: number; y: number } | null = null
  let pointer = { x: 0, y: 0 }
  let extending = false
  let swallow = false
  let rolling = 0

  const toLayout = (x: number, y: number) => {
    const { left, top } = (box.firstElementChild as HTMLElement).getBoundingClientRect()
    return { x: x - left, y: y - top - controller.view.offset + controller.view.base }
  }
  const stretch = (spot: Spot) => void desk.stretch(spot).catch(trouble)

  const draw = () => {
    if (!frame) return
    const { top, bottom } = box.getBoundingClientRect()
    const by = pointer.y < top + EDGE ? -SCROLL : pointer.y > bottom - EDGE ? SCROLL : 0
    if (by) controller.scrollBy(by)
    const to = toLayout(pointer.x, pointer.y)
    const [left, right] = [Math.min(frame.x, to.x), Math.max(frame.x, to.x)]
    const [upper, lower] = [Math.min(frame.y, to.y), Math.max(frame.y, to.y)]
    desk.frame(within(timeline, left, upper, right, lower))
    const { base } = controller.view
    onFrame({ left, top: upper - base, width: right - left, height: lower - upper })
    rolling = by ? requestAnimationFrame(draw) : 0
  }
  const redraw = () => {
    if (!rolling) rolling = requestAnimationFrame(draw)
  }
  const up = () => {
    if (rolling) draw() // who is done within one frame has drawn nothing yet
    end()
  }
  const end = () => {
    clearTimeout(press)
    cancelAnimationFrame(rolling)
    rolling = 0
    if (frame) onFrame(null)
    begun = frame = null
    extending = false
  }

  const click = (event: MouseEvent) => {
    const target = event.target as Element
    if (swallow) {
      swallow = false
      event.preventDefault()
      return
    }
    const header = target.closest<HTMLElement>('.check')?.closest<HTMLElement>('[data-day]')
    if (header) return void desk.toggleDay(Number(header.dataset.day)).catch(trouble)
    const spot = desk.spotOf(target)
    if (!spot || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    desk.focus(spot, { wanted: false })
    if (event.shiftKey) stretch(spot)
    else if (target.closest('.pick') || !selection.isEmpty) desk.toggle(spot)
    else open(spot.block.tiles?.id[spot.index] ?? '', spot.block.day)
  }
  const down = (event: PointerEvent) => {
    swallow = false
    const target = event.target as Element
    if (event.button !== 0) return
    begun = { x: event.clientX, y: event.clientY }
    if (event.pointerType === 'touch') {
      press = setTimeout(() => {
        const spot = desk.spotOf(target)
        if (!spot) return
        extending = swallow = true
        desk.toggle(spot)
        if ('vibrate' in navigator) navigator.vibrate(10) // not in every browser
      }, PRESS_MS)
    } else if (event.shiftKey)
      event.preventDefault() // no text is selected
    else if (target.closest('.tile, .check') || onScrollbar(box, event)) begun = null
  }
  const move = (event: PointerEvent) => {
    pointer = { x: event.clientX, y: event.clientY }
    if (!begun) return
    const slipped = Math.hypot(pointer.x - begun.x, pointer.y - begun.y) > SLIP
    if (event.pointerType === 'touch') {
      if (slipped && !extending) clearTimeout(press)
      return
    }
    if (!frame && slipped) {
      frame = toLayout(begun.x, begun.y)
      swallow = true
      if (!event.ctrlKey && !event.metaKey) selection.clear()
      box.setPointerCapture(event.pointerId)
    }
    if (frame) redraw()
  }
  /** After a long press the finger draws a range, and the page stands still. */
  const drag = (event: TouchEvent) => {
    const touch = event.touches[0]
    if (!extending || !touch) return
    event.preventDefault()
    const under = document.elementFromPoint(touch.clientX, touch.clientY)
    const spot = desk.spotOf(under)
    if (spot) stretch(spot)
    const { top, bottom } = box.getBoundingClientRect()
    if (touch.clientY < top + EDGE) controller.scrollBy(-SCROLL)
    else if (touch.clientY > bottom - EDGE) controller.scrollBy(SCROLL)
  }
  const arrive = ({ target }: FocusEvent) => {
    const spot = desk.spotOf(target as Element)
    if (spot) desk.focus(spot, { wanted: false })
  }
  const leave = ({ relatedTarget: to }: FocusEvent) => {
    if (to instanceof Node && !box.contains(to)) desk.settle() // who has gone on is not called back
  }
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey) return
    event.preventDefault()
    desk.zoom(event.deltaY < 0 ? 1 : -1, event.clientY - box.getBoundingClientRect().top)
  }
  const menu = (event: Event) => {
    if (extending || swallow) event.preventDefault()
  }

  box.addEventListener('click', click, { signal })
  box.addEventListener('pointerdown', down, { signal })
  box.addEventListener('pointermove', move, { signal })
  box.addEventListener('pointerup', up, { signal })
  box.addEventListener('pointercancel', end, { signal })
  box.addEventListener('touchmove', drag, { signal, passive: false })
  box.addEventListener('touchend', end, { signal })
  box.addEventListener('wheel', wheel, { signal, passive: false })
  box.addEventListener('contextmenu', menu, { signal })
  box.addEventListener('focusin', arrive, { signal })
  box.addEventListener('focusout', leave, { signal })
  return () => {
    end()
    ended.abort()
  }
}

function onScrollbar(box: HTMLElement, event: PointerEvent) {
  return event.clientX - box.getBoundingClientRect().left > box.clientWidth
}

/** The loaded pictures that a frame in layout space touches. */
export function within(timeline: Timeline, left: number, top: number, right: number, bottom: number): Spot[] {
  const spots: Spot[] = []
  for (let at = timeline.at(top); at < timeline.blocks.length && timeline.topOf(at) < bottom; at++) {
    const block = timeline.blocks[at]
    const { layout, tiles } = block ?? {}
    if (!block || !layout || !tiles) continue
    const base = timeline.topOf(at) + headerOf(block)
    layout.rowTop.forEach((rowTop, row) => {
      const y = base + rowTop
      if (y > bottom || y + (layout.rowHeight[row] ?? 0) < top) return
      for (let index = layout.rowStart[row] ?? 0; index < (layout.rowStart[row + 1] ?? 0); index++) {
        const x = block.left + (layout.left[index] ?? 0)
        if (x < right && x + (layout.width[index] ?? 0) > left) spots.push({ block, index })
      }
    })
  }
  return spots
}
