/** The keys of the gallery. Arrows count in the timeline, letters on the whole page. */
import { useCallback, useEffect, useMemo, useState } from 'react'
import { api, take } from '../api/client'
import { useMay } from '../api/me'
import { keyOf, useKeys } from '../shell/keys'
import { trouble } from '../shell/undo'
import { firstInSight, type Desk } from './desk'
import type { Doing } from './doing'
import type { Step } from './walk'

export type Panel = 'tag' | 'date' | 'description' | 'jump' | null

const STEPS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']

export function useGalleryKeys(desk: Desk, q: string, doing: Doing) {
  const [panel, setPanel] = useState<Panel>(null)
  const may = useMay('library:write')

  const press = useCallback(
    (event: React.KeyboardEvent) => {
      const { key, shiftKey: stretching } = event
      if (event.ctrlKey || event.metaKey || event.altKey || !STEPS.includes(key)) return
      event.preventDefault()
      if (desk.spot()) void desk.walk(key as Step, { stretching }).catch(trouble)
      else enter(desk)
    },
    [desk],
  )
  useEffect(() => {
    const global = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open], :popover-open')) return
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return
      const key = keyOf(event)
      if (key === 'Ctrl+a') {
        event.preventDefault()
        void selectAll(desk, q)
      } else if (key === 'Escape' && !desk.selection.isEmpty) desk.selection.clear()
      else if (STEPS.includes(key) && document.activeElement === document.body) {
        event.preventDefault()
        enter(desk)
      }
    }
    window.addEventListener('keydown', global)
    return () => window.removeEventListener('keydown', global)
  }, [desk, q])

  const keys = useMemo(() => {
    const focused = () => (document.activeElement?.closest('.gallery-box') ? desk.spot() : undefined)
    const pick = () => {
      const spot = focused()
      if (spot) desk.toggle(spot)
    }
    const pickDay = () => {
      const spot = focused()
      if (spot) void desk.toggleDay(spot.block.day).catch(trouble)
    }
    const show = (next: Panel) => () => {
      if (desk.selection.isEmpty) pick()
      if (!desk.selection.isEmpty) setPanel(next)
    }
    const looking = {
      x: pick,
      'Shift+x': pickDay,
      '+': () => desk.zoom(1),
      '=': () => desk.zoom(1),
      '-': () => desk.zoom(-1),
      j: () => setPanel('jump'),
      d: doing.download,
    }
    if (!may) return looking
    return {
      ...looking,
      f: doing.favourite,
      t: show('tag'),
      e: show('date'),
      Delete: doing.trash,
    }
  }, [desk, may, doing])
  useKeys(keys)
  return { press, panel, setPanel }
}

function enter(desk: Desk) {
  const spot = firstInSight(desk.controller.view, desk.timeline.layoutTop)
  if (spot) desk.focus(spot)
}

async function selectAll(desk: Desk, q: string) {
  try {
    desk.selectAll(await take(api.GET('/api/v1/media/count', { params: { query: { q } } })))
  } catch (error) {
    trouble(error)
  }
}
