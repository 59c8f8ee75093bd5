/** What is done to subscriptions at once, each with its way back. */
import { i18n } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import { allQuery } from '../../api/subscriptions'
import { api, take, type Schemas } from '../../api/client'
import { queries } from '../../queries'
import { say } from '../../shell/toasts'
import { decided, doing, trouble } from '../../shell/undo'
import { ahead, type Change } from './ahead'
import type { Subscription } from './schedule'

type Action = Schemas['SubscriptionBatch']['action']
export type Decision = Schemas['Decision']
export type BatchPreview = Schemas['BatchPreview']

const AT_ONCE = 4

/** Shows a change before the server has answered; gives what takes it away again. */
function showAhead(ids: readonly number[], change: Change) {
  const all = queries.getQueryData(allQuery.queryKey)
  if (all === undefined) return () => undefined
  const shown = ahead(all, ids, change)
  void queries.cancelQueries({ queryKey: allQuery.queryKey }) // it may tell what was before
  queries.setQueryData(allQuery.queryKey, shown.all)
  return () => {
    queries.setQueryData(allQuery.queryKey, (now: Subscription[] | undefined) => now && shown.back(now))
  }
}

export async function runBatch(ids: readonly number[], action: Action): Promise<Decision> {
  const body = { ids: [...ids], action, preview: false }
  return (await take(api.POST('/api/v1/subscriptions/batch', { body }))) as Decision
}

export async function previewBatch(ids: readonly number[], action: Action): Promise<BatchPreview> {
  const body = { ids: [...ids], action, preview: true }
  return (await take(api.POST('/api/v1/subscriptions/batch', { body }))) as BatchPreview
}

function act(ids: readonly number[], action: Action, change: Change, words: string) {
  return doing(carryOut(ids, action, change, words))
}

async function carryOut(ids: readonly number[], action: Action, change: Change, words: string) {
  const back = showAhead(ids, change)
  try {
    decided(words, await runBatch(ids, action))
  } catch (error) {
    back()
    trouble(error)
  }
  void queries.invalidateQueries({ queryKey: ['subscriptions'] })
}

export function pause(ids: readonly number[], name?: string) {
  const words =
    name === undefined
      ? i18n._(msg`${plural(ids.length, { one: '# subscription rests.', other: '# subscriptions rest.' })}`)
      : i18n._(msg`${name} rests.`)
  return act(ids, { kind: 'pause' }, (one) => ({ ...one, paused: true, health: 'resting' }), words)
}

export function resume(ids: readonly number[], name?: string) {
  const words =
    name === undefined
      ? i18n._(
          msg`${plural(ids.length, { one: '# subscription goes on.', other: '# subscriptions go on.' })}`,
        )
      : i18n._(msg`${name} goes on.`)
  return act(ids, { kind: 'resume' }, (one) => ({ ...one, paused: false }), words)
}

export function unfollow(ids: readonly number[], name?: string) {
  const words =
    name === undefined
      ? i18n._(
          msg`${plural(ids.length, {
            one: '# subscription is followed no longer. What it brought stays.',
            other: '# subscriptions are followed no longer. What they brought stays.',
          })}`,
        )
      : i18n._(msg`${name} is followed no longer. What it brought stays.`)
  return act(ids, { kind: 'unfollow' }, () => null, words)
}

export async function checkNow(ids: readonly number[], name?: string) {
  const left = [...ids]
  const troubles: unknown[] = []
  const work = async () => {
    for (let number = left.pop(); number !== undefined; number = left.pop())
      try {
        await api.POST('/api/v1/subscriptions/{number}/sync', { params: { path: { number } } })
      } catch (error) {
        troubles.push(error)
      }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (troubles.length > 0) trouble(troubles[0])
  const asked = ids.length - troubles.length
  if (asked > 0)
    say(
      name === undefined
        ? i18n._(msg`${plural(asked, { one: '# check begins.', other: '# checks begin.' })}`)
        : i18n._(msg`The check of ${name} begins.`),
    )
}
