/** What can be done to what is selected, in words; the bar, the keys and the panels do it through this. */
import { Plural, Trans } from '@lingui/react/macro'
import { useMemo, type ReactNode } from 'react'
import { act, edit, trash, whichOf, type Action } from './acts'
import type { Desk } from './desk'
import { download as save } from './packing'

export interface Doing {
  favourite: () => void
  trash: () => void
  download: () => void
  tag: (names: string[], on: boolean) => void
  /** null gives the platform's date back. */
  date: (date: string | null) => void
  shift: (seconds: number) => void
  describe: (text: string | null) => void
}

/** Something to be done, that one may want to know more about first. */
export interface Plan {
  action: Action
  said: (count: number) => ReactNode
}

export function useDoing(desk: Desk, q: string, ask: (plan: Plan) => boolean = () => false): Doing {
  return useMemo(() => doingOf(desk, q, ask), [desk, q, ask])
}

function doingOf(desk: Desk, q: string, ask: (plan: Plan) => boolean): Doing {
  const carry = (action: Action, said: Plan['said']) => {
    const which = whichOf(desk, q)
    if (which && !ask({ action, said })) void act(desk, q, which, action, said)
  }
  return {
    favourite: () => {
      const which = whichOf(desk, q)
      if (!which) return
      const ids = new Set('ids' in which ? which.ids : [])
      const states = [...desk.controller.favourites(ids).values()]
      const on = states.length === 0 || states.includes(false)
      carry(edit({ favourite: on }), (count) =>
        on ? (
          <Plural value={count} one="# made a favourite." other="# made favourites." />
        ) : (
          <Plural value={count} one="# is no longer a favourite." other="# are no longer favourites." />
        ),
      )
    },
    trash: () =>
      carry(trash, (count) => (
        <Plural value={count} one="# item moved to the bin." other="# items moved to the bin." />
      )),
    download: () => {
      const which = whichOf(desk, q)
      if (which) void save(which)
    },
    tag: (names, on) => {
      const tags = names.join(', ')
      carry(edit(on ? { tags_add: names } : { tags_remove: names }), (count) =>
        on ? (
          <Trans>
            <Plural value={count} one="# item" other="# items" /> tagged {tags}.
          </Trans>
        ) : (
          <Plural value={count} one="Tag taken off # item." other="Tag taken off # items." />
        ),
      )
    },
    date: (date) =>
      carry(edit({ date }), (count) =>
        date === null ? (
          <Plural
            value={count}
            one="# item has its own date again."
            other="# items have their own date again."
          />
        ) : (
          <Plural value={count} one="# item has another date." other="# items have another date." />
        ),
      ),
    shift: (seconds) =>
      carry(edit({ shift_date: seconds }), (count) => (
        <Plural value={count} one="# item moved in time." other="# items moved in time." />
      )),
    describe: (description) =>
      carry(edit({ description }), (count) =>
        description === null ? (
          <Plural value={count} one="# description taken away." other="# descriptions taken away." />
        ) : (
          <Plural value={count} one="# item described." other="# items described." />
        ),
      ),
  }
}
