/** What was decided in this session, last first, and the way back: `Z`, or the button of the toast. */
import type { ReactNode } from 'react'
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { api, Problem, take } from '../api/client'
import { Sentence } from '../parts/Trouble'
import { queries } from '../queries'
import { drop, say } from './toasts'

interface Inverse {
  undo: () => Promise<unknown>
  turn: number
  /** The message that offers it; it goes when the way back is gone. */
  toast: number
}

const MOST = 50
const REFUSALS = [400, 404, 409, 410, 412, 422]
const stack: Inverse[] = []
let turns = 0

/** The turn of something that begins now: what began last is taken back first, whichever was done first. */
export const begin = () => ++turns

/** Says what was done and remembers how to take it back. `turn`: when it had begun. */
export function done(text: ReactNode, undo: () => Promise<unknown>, turn = begin()) {
  const inverse: Inverse = { undo, turn, toast: 0 }
  inverse.toast = say(text, { undo: () => void inTurn(() => takeBack(inverse)) })
  stack.splice(stack.findLastIndex((one) => one.turn < turn) + 1, 0, inverse)
  if (stack.length > MOST) stack.shift()
}

interface Way<T> {
  /** How it stands now, and the version of that. */
  look: () => Promise<{ value: T; etag: string | null }>
  /** Whether it still stands as the change has left it. */
  isOurs: (now: T) => boolean
  back: (etag: string | null) => Promise<unknown>
}

/**
 * Takes back a change of what has a version: gives back what was before where it still stands as the change
 * has left it, whatever versions came since. It is how the server undoes decisions.
 */
export async function giveBack<T>({ look, isOurs, back }: Way<T>) {
  const { value, etag } = await look()
  if (!isOurs(value)) throw new Problem(409, '', i18n._(msg`It has been changed since, and stays so.`), '')
  await back(etag)
}

/** As `done`, for what the server has kept as a decision: its undo is the server's, and `then` comes behind it. */
export function decided(text: ReactNode, decision: { id: number }, turn?: number, then?: () => void) {
  const undo = async () => {
    await take(api.POST('/api/v1/decisions/{number}/undo', { params: { path: { number: decision.id } } }))
    then?.()
  }
  done(text, undo, turn)
}

/** Does what the server keeps as a decision, and says so; or why not. Gives whether it was done. */
export function decide(text: ReactNode, call: Promise<object>): Promise<boolean> {
  const turn = begin()
  const work = async () => {
    try {
      decided(text, (await call) as { id: number }, turn)
      return true
    } catch (error) {
      trouble(error)
      return false
    }
  }
  return doing(work())
}

let working: Promise<unknown> = Promise.resolve()

/** Does something that can be taken back: who presses Z before it is done means this, not what was before. */
export function doing<T>(work: Promise<T>): Promise<T> {
  working = Promise.allSettled([working, work])
  return work
}

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return doing(working.then(work))
}

/** Takes the last one back; says so if there is none. */
export function undoLast() {
  return inTurn(async () => {
    const inverse = stack.at(-1)
    if (inverse === undefined) say(i18n._(msg`There is nothing to take back.`))
    else await takeBack(inverse)
  })
}

/** What could not be taken back stays the last one, unless it can never be. */
async function takeBack(inverse: Inverse) {
  if (!stack.includes(inverse)) return
  drop(inverse.toast)
  try {
    await inverse.undo()
    forget(inverse)
    say(i18n._(msg`Taken back.`))
  } catch (error) {
    if (isRefused(error)) forget(inverse)
    trouble(error, () => inTurn(() => takeBack(inverse)))
  }
  void queries.invalidateQueries()
}

function forget(inverse: Inverse) {
  stack.splice(stack.indexOf(inverse), 1)
}

/** Whether asking again leads to the same answer. */
function isRefused(error: unknown) {
  return error instanceof Problem && REFUSALS.includes(error.status)
}

/** Says in a toast what did not succeed; `again` is how it may yet, where asking again can help. */
export function trouble(error: unknown, again?: () => unknown) {
  const helps = again !== undefined && !isRefused(error)
  say(<Sentence error={error} numbered />, { tone: 'trouble', again: helps ? () => void again() : undefined })
}
