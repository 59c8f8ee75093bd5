/** What is followed, loaded whole and kept right by the stream. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState, type RefObject } from 'react'
import { nameOf } from '../../words/jobs'
import { api, take, takeVersioned, type Schemas } from '../../api/client'
import { allQuery } from '../../api/subscriptions'
import { live, type Gone } from '../../api/live'
import { useRefresh } from '../../api/refresh'
import { useHeld } from '../../parts/held'
import { useNow } from '../../parts/Job'
import { queries } from '../../queries'
import type { FollowingSort, FollowingState } from '../../routes'
import { useLivingJobs } from '../../shell/activity'
import { wordsOf } from '../../words/reasons'
import type { Subscription } from './schedule'

export type Brought = Schemas['BroughtView']

export const oneQuery = (number: number) =>
  queryOptions({
    queryKey: ['subscriptions', number],
    queryFn: ({ signal }) =>
      takeVersioned(api.GET('/api/v1/subscriptions/{number}', { params: { path: { number } }, signal })),
    retry: false,
  })

/** Keeps the list, and what is shown of each, as things stand while the page stands. */
export function useStream() {
  const askNewest = useRefresh(newestQuery.queryKey, NEWEST_MS)
  useEffect(() => {
    const ends = [
      live.on('subscription', (thing) => {
        queries.setQueryData(
          allQuery.queryKey,
          (all: Subscription[] | undefined) => all && changed(all, thing),
        )
        const number = Number(thing.id)
        void queries.invalidateQueries({ queryKey: ['subscriptions', number] })
        broughtAnew(number)
        askNewest()
      }),
      live.on('job', (job) => {
        if (!('gone' in job) && job.subscription !== null && job.state !== 'queued')
          broughtAnew(job.subscription)
      }),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [askNewest])
}

function changed(all: Subscription[], thing: Subscription | Gone): Subscription[] {
  const place = all.findIndex((one) => one.id === Number(thing.id))
  if ('gone' in thing) return place < 0 ? all : all.toSpliced(place, 1)
  return place < 0 ? [thing, ...all].sort((a, b) => b.id - a.id) : all.with(place, thing)
}

/* What each has brought is asked for together, for all that come into sight at one time. */

const TOGETHER = 60
const WAIT_MS = 20
const ANEW_MS = 2500

interface Asker {
  resolve: (brought: Brought) => void
  reject: (error: unknown) => void
}
let asked = new Map<number, Asker[]>()

function ask(number: number): Promise<Brought> {
  return new Promise((resolve, reject) => {
    if (asked.size === 0) setTimeout(send, WAIT_MS)
    asked.set(number, [...(asked.get(number) ?? []), { resolve, reject }])
    if (asked.size >= TOGETHER) send()
  })
}

function send() {
  const these = asked
  asked = new Map()
  if (these.size === 0) return
  const query = { number: [...these.keys()], since: lastLook() }
  take(api.GET('/api/v1/subscriptions/brought', { params: { query } })).then(
    ({ items }) => {
      for (const one of items) for (const asker of these.get(one.subscription) ?? []) asker.resolve(one)
    },
    (error: unknown) => {
      for (const askers of these.values()) for (const asker of askers) asker.reject(error)
    },
  )
}

export const broughtQuery = (number: number) =>
  queryOptions({ queryKey: ['brought', number], queryFn: () => ask(number), staleTime: 120_000 })

const soon = new Map<number, ReturnType<typeof setTimeout>>()

function broughtAnew(number: number) {
  if (soon.has(number)) return
  soon.set(
    number,
    setTimeout(() => {
      soon.delete(number)
      void queries.invalidateQueries({ queryKey: ['brought', number] })
    }, ANEW_MS),
  )
}

export function useBrought(number: number): Brought | undefined {
  return useQuery(broughtQuery(number)).data
}

/* Who has fallen silent. */

const DAY_MS = 86_400_000
const NEWEST_MS = 60_000
export const QUIET_DAYS = 90

const newestQuery = queryOptions({
  queryKey: ['newest'],
  queryFn: async () => {
    const { items } = await take(api.GET('/api/v1/subscriptions/newest'))
    return new Map(items.map((one) => [one.subscription, one.at]))
  },
  staleTime: 300_000,
})

/** When the newest post of each was published, as far as it has brought one. */
export function useNewest(): ReadonlyMap<number, string> | undefined {
  return useQuery(newestQuery).data
}

/** The numbers of those that have fallen silent. */
export function useQuiet(all: readonly Subscription[]): ReadonlySet<number> {
  const newest = useNewest()
  const now = useNow(3_600_000)
  return useMemo(
    () => new Set(all.filter((one) => isQuiet(one, newest, now)).map((one) => one.id)),
    [all, newest, now],
  )
}

/** Whether all is well with one, only that nothing new has been posted there for so long. */
export function isQuiet(one: Subscription, newest: ReadonlyMap<number, string> | undefined, now: number) {
  if (newest === undefined || standingOf(one, NONE).state !== 'healthy') return false
  return Date.parse(newest.get(one.id) ?? one.created_at) < now - QUIET_DAYS * DAY_MS
}

/* When somebody last looked at this page, in this browser: what came since is new to them. */

const opened = new Date().toISOString()
let look: string | undefined

function lastLook(): string {
  look ??= localStorage.getItem('following-seen') ?? opened
  return look
}

/** Remembers that somebody looks: from the next visit on, only what came later is new. */
export function useLook() {
  useEffect(() => {
    lastLook()
    const note = () => localStorage.setItem('following-seen', new Date().toISOString())
    note()
    return note
  }, [])
}

/* How each stands. */

export interface Standing {
  /** What the pill says: one of these, or a reason of the closed set. */
  state: 'paused' | 'checking' | 'backfill' | 'first' | 'healthy' | 'reason'
  reason: string | null
}

export function standingOf(one: Subscription, checking: ReadonlySet<number>): Standing {
  if (one.paused) return { state: 'paused', reason: null }
  if (checking.has(one.id)) return { state: 'checking', reason: null }
  if (one.reason !== null) return { state: 'reason', reason: one.reason }
  if (one.checked_at === null) return { state: 'first', reason: null }
  return { state: one.backfill_done ? 'healthy' : 'backfill', reason: null }
}

/** The subscriptions that are being checked at this moment. */
export function useChecking(): ReadonlySet<number> {
  const jobs = useLivingJobs()
  return useMemo(
    () =>
      new Set(
        jobs.flatMap((job) =>
          job.subscription !== null && job.state === 'running' && job.kind === 'SubscriptionSync'
            ? [job.subscription]
            : [],
        ),
      ),
    [jobs],
  )
}

const NONE: ReadonlySet<number> = new Set()
const needsYou = (one: Subscription) => !one.paused && wordsOf(one.reason)?.family === 'you'
const failing = (one: Subscription) => !one.paused && (one.health === 'failing' || needsYou(one))

/** Whether one is in a state; `quiet` are those that have fallen silent. */
export function isIn(one: Subscription, state: FollowingState, quiet: ReadonlySet<number> = NONE): boolean {
  switch (state) {
    case 'quiet':
      return quiet.has(one.id)
    case 'paused':
      return one.paused
    case 'you':
      return needsYou(one)
    case 'failing':
      return failing(one)
    case 'trouble':
      return failing(one) && !needsYou(one)
    case 'backfill':
    case 'healthy':
      return standingOf(one, NONE).state === state
  }
}

export interface Wish {
  text: string | undefined
  platform: string | undefined
  state: FollowingState | undefined
  reason?: string | undefined
}

export function fits(
  one: Subscription,
  { text, platform, state, reason }: Wish,
  quiet: ReadonlySet<number>,
): boolean {
  if (platform !== undefined && one.platform !== platform) return false
  if (reason !== undefined && (one.paused || one.reason !== reason)) return false
  if (state !== undefined && !isIn(one, state, quiet)) return false
  if (text === undefined) return true
  const looked = text.toLowerCase()
  return [one.title, one.url, one.key].some((told) => told.toLowerCase().includes(looked))
}

const told = (moment: string | null) => (moment === null ? 0 : Date.parse(moment))
const gravity = (one: Subscription) =>
  needsYou(one) ? 0 : failing(one) ? 1 : one.reason !== null ? 2 : one.paused ? 4 : 3

export const ORDERS: Record<FollowingSort, (a: Subscription, b: Subscription) => number> = {
  next: (a, b) => Number(a.paused) - Number(b.paused) || told(a.next_at) - told(b.next_at),
  name: (a, b) => nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true, sensitivity: 'base' }),
  checked: (a, b) => told(b.checked_at) - told(a.checked_at),
  health: (a, b) => gravity(a) - gravity(b) || b.id - a.id,
}

/** An order in which nothing moves: what was there stays where it was, what came is at the end. */
export function settled(before: readonly number[], fitting: Subscription[], all: readonly Subscription[]) {
  const there = new Map(all.map((one) => [one.id, one]))
  const known = new Set(before)
  return [...before.flatMap((id) => there.get(id) ?? []), ...fitting.filter((one) => !known.has(one.id))]
}

interface Order {
  /** What the order is of: another filter or another sort begins anew. */
  key: string
  ids: readonly number[]
}

/** What fits, in its order; while somebody is at the list, all that was there stays, and stays in its place. */
export function useSteady(
  fitting: Subscription[],
  all: readonly Subscription[],
  key: string,
  list: RefObject<HTMLElement | null>,
): Subscription[] {
  const held = useHeld(list)
  const [order, setOrder] = useState<Order>({ key, ids: [] })
  const shown = useMemo(
    () => (held && order.key === key ? settled(order.ids, fitting, all) : fitting),
    [held, order, key, fitting, all],
  )
  if (order.key !== key || order.ids.join() !== shown.map((one) => one.id).join())
    setOrder({ key, ids: shown.map((one) => one.id) })
  return shown
}
