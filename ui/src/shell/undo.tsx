/** What was decided in this session, last first, and the way back: `Z`, or the button of the toast. */
import type { ReactNode } from 'react'
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { api, take } from '../api/client'
import { Sentence } from '../parts/Trouble'
import { queries } from '../queries'
import { drop, say } from './toasts'

interface Inverse {
  undo: () => Promise<unknown>
  /** The message that offers it; it goes when the way back is gone. */
  toast: number
}

const MOST = 50
const stack: Inverse[] = []

/** Says what was done and remembers how to take it back. */
export function done(text: ReactNode, undo: () => Promise<unknown>) {
  const inverse: Inverse = { undo, toast: 0 }
  inverse.toast = say(text, {
    undo: () => {
      const place = stack.indexOf(inverse)
      if (place >= 0) stack.splice(place, 1)
      void takeBack(inverse)
    },
  })
  if (stack.push(inverse) > MOST) stack.shift()
}

/** As `done`, for what the server has kept as a decision: its undo is the server's. */
export function decided(text: ReactNode, decision: { id: number }) {
  done(text, () =>
    take(api.POST('/api/v1/decisions/{number}/undo', { params: { path: { number: decision.id } } })),
  )
}

let working: Promise<unknown> = Promise.resolve()

/** Does something that can be taken back: who presses Z before it is done means this, not what was before. */
export function doing<T>(work: Promise<T>): Promise<T> {
  working = Promise.allSettled([working, work])
  return work
}

/** Takes the last one back; says so if there is none. */
export async function undoLast() {
  await working
  const inverse = stack.pop()
  if (inverse === undefined) say(i18n._(msg`There is nothing to take back.`))
  else void takeBack(inverse)
}

async function takeBack({ undo, toast }: Inverse) {
  drop(toast)
  try {
    await undo()
    say(i18n._(msg`Taken back.`))
  } catch (error) {
    trouble(error)
  }
  await queries.invalidateQueries()
}

/** Says in a toast what did not succeed. */
export function trouble(error: unknown) {
  say(<Sentence error={error} />, { tone: 'trouble' })
}
