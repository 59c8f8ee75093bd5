/** The keys of the gallery. Arrows count in the timeline, letters on the whole page. */
import { useCallback, useMemo, useState } from 'react'
import { api, take } from '../api/client'
import { useMay } from '../api/me'
import { once, useKeys, type Keys } from '../shell/keys'
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
      if (desk.isWalking) void desk.walk(key as Step, { stretching }).catch(trouble)
      else enter(desk)
    },
    [desk],
  )
  const keys = useMemo(() => {
    const pick = () => {
      const spot = desk.active
      if (spot) desk.toggle(spot)
    }
    const pickDay = () => {
      const spot = desk.active
      if (spot) void desk.toggleDay(spot.block.day).catch(trouble)
    }
    const drop = () => (desk.selection.isEmpty ? false : desk.selection.clear())
    const begin = () => (document.activeElement === document.body ? enter(desk) : false)
    const show = (next: Panel) => () => {
      if (desk.selection.isEmpty) pick()
      if (!desk.selection.isEmpty) setPanel(next)
    }
    const looking: Keys = {
      ...Object.fromEntries(STEPS.map((step) => [step, begin])),
      'Ctrl+a': () => void selectAll(desk, q),
      Escape: drop,
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
      f: once(doing.favourite),
      t: show('tag'),
      e: show('date'),
      Delete: once(doing.trash),
    }
  }, [desk, q, may, doing])
  useKeys(keys)
  return { press, panel, setPanel }
}

function enter(desk: Desk) {
  desk.controller.refresh() // on a slow machine what is drawn lags behind
  const spot = firstInSight(desk.controller.view, desk.timeline.layoutTop)
  if (spot) desk.focus(spot)
  else {
    desk.aim()
    // Who goes elsewhere from there meanwhile is not called back.
    document.querySelector<HTMLElement>('.gallery-box')?.focus({ preventScroll: true })
  }
}

async function selectAll(desk: Desk, q: string) {
  try {
    desk.selectAll(await take(api.GET('/api/v1/media/count', { params: { query: { q } } })))
  } catch (error) {
    trouble(error)
  }
}
