/** Links on their way in: what somebody types or pastes, the preview, and what became of what was sent. */
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { api, Problem, take, type Schemas } from '../api/client'
import { useLive } from '../api/live'
import { useMay } from '../api/me'
import { queries } from '../queries'
import type { Job } from './activity'
import { findLinks, isOne, kindOfFeed, recognise, type Link, type LinkKind } from './links'

export type Preview = Schemas['LinkPreview']
export type Choice = Partial<Omit<Schemas['NewSubscription'], 'url'>>

/** How many of the newest a first look brings. */
export const NEWEST = 50
const REST_MS = 250
const WATCHED = 20

/** What became of a link that was handed in. */
export interface Sent {
  key: string
  url: string
  follow: boolean
  /** `sending`: no answer yet. `refused`: nothing will come of it, and `detail` says why. */
  state: 'sending' | 'taken' | 'refused'
  jobId: string | null
  job: Job | null
  subscription: number | null
  reason: string | null
  detail: string | null
  /** Hands it in again, where it did not get through; null where it did. */
  again: (() => void) | null
}

type Receipt = Schemas['LinkReceipt']

/** Links that are sent together. */
interface Parcel {
  urls: string[]
  send: (urls: string[]) => Promise<Receipt[]>
}

export interface Entry {
  text: string
  setText: (text: string) => void
  /** Takes a pasted or dropped text: its links, or itself where there are none. */
  take: (text: string) => void
  links: Link[]
  remove: (url: string) => void
  preview: { data: Preview | undefined; error: unknown; loading: boolean }
  /** What the one link is, as far as is known by now. */
  kind: LinkKind | null
  sent: Sent[]
  get: (limit: number | null, login?: number | null) => void
  follow: (choice?: Choice) => void
  /** Forgets what was typed and what has come of it. */
  clear: () => void
}

export function useEntry(): Entry {
  const [text, setText] = useState('')
  const [more, setMore] = useState<string[]>([])
  const [sent, setSent] = useState<Sent[]>([])
  const links = useMemo(() => [...new Set([...findLinks(text), ...more])].map(recognise), [text, more])
  const preview = usePreview(links.length === 1 ? (links[0]?.url ?? null) : null)
  useJobsOf(sent, setSent)

  const put = (urls: string[]) => {
    setText(urls[0] ?? '')
    setMore(urls.slice(1))
  }
  const send = async (rows: Sent[], parcel: Parcel) => {
    const keys = new Set(rows.map((row) => row.key))
    const change = (now: (row: Sent) => Sent) =>
      setSent((all) => all.map((row) => (keys.has(row.key) ? now(row) : row)))
    change((row) => ({ ...row, state: 'sending', detail: null }))
    try {
      const receipts = await parcel.send(rows.map((row) => row.url))
      queries.removeQueries({ queryKey: ['preview'] })
      const told = new Map(receipts.map((receipt) => [receipt.url, receipt]))
      change((row) => received(row, told.get(row.url)))
    } catch (error) {
      const again = (row: Sent) => () => void send([row], parcel)
      change((row) => ({ ...refused(row, error), again: again(row) }))
    }
  }
  const hand = (parcels: Parcel[], follow: boolean) => {
    const fresh = parcels.map(({ urls }) => urls.map((url) => sending(url, follow)))
    // Who sends again has read why nothing came of the last one.
    setSent((rows) => [...fresh.flat(), ...rows.filter((row) => row.state !== 'refused')])
    put([])
    parcels.forEach((parcel, at) => void send(fresh[at] ?? [], parcel))
  }
  const urls = links.map((link) => link.url)
  return {
    text,
    setText,
    take: (pasted) => {
      const found = findLinks(pasted)
      if (found.length === 0) put([pasted.trim().replace(/\s+/g, ' ')])
      else put(found)
    },
    links,
    remove: (url) => put(urls.filter((each) => each !== url)),
    preview,
    kind: kindOfFeed(preview.data?.feed ?? null) ?? links[0]?.kind ?? null,
    sent,
    get: (limit, login = null) => {
      const single = links.filter((link) => isOne(link.kind)).map((link) => link.url)
      const lists = urls.filter((url) => !single.includes(url))
      const parcels = [
        { urls: single, send: (some: string[]) => post(some, null, login) },
        { urls: lists, send: (some: string[]) => post(some, limit, login) },
      ]
      hand(
        parcels.filter((parcel) => parcel.urls.length > 0),
        false,
      )
    },
    follow: (choice) => {
      const timing = preview.data?.timing
      const one = urls.length === 1 && (choice !== undefined || timing !== undefined) ? urls[0] : undefined
      const send = (some: string[]) =>
        one === undefined
          ? take(api.POST('/api/v1/links', { body: { urls: some, follow: true } })).then((told) => told.items)
          : followOne(one, { timing: timing ?? '1d', ...choice })
      hand([{ urls, send }], true)
    },
    clear: () => {
      put([])
      setSent([])
    },
  }
}

/** What is behind a link, asked for once it has rested; a change ends the question. */
function usePreview(url: string | null): Entry['preview'] {
  const [rested, setRested] = useState<string | null>(null)
  const may = useMay('queue:write')
  useEffect(() => {
    const timer = setTimeout(() => setRested(url), REST_MS)
    return () => clearTimeout(timer)
  }, [url])
  const asked = url !== null && rested === url && may
  const { data, error } = useQuery({
    queryKey: ['preview', url],
    queryFn: ({ signal }) => take(api.POST('/api/v1/links/preview', { body: { url: url ?? '' }, signal })),
    enabled: asked,
    retry: false,
    staleTime: 10_000,
    gcTime: 10_000,
  })
  return { data, error, loading: url !== null && may && data === undefined && error === null }
}

/** Keeps the jobs of what was sent as they stand: asked for once, then told by the stream. */
function useJobsOf(sent: Sent[], setSent: React.Dispatch<React.SetStateAction<Sent[]>>) {
  const put = useCallback(
    (job: Job, fresh: boolean) =>
      setSent((rows) => {
        const fits = (row: Sent) => isJobOf(row, job) && (fresh || row.job === null)
        return rows.some(fits) ? rows.map((row) => (fits(row) ? { ...row, job } : row)) : rows
      }),
    [setSent],
  )
  useLive(
    'job',
    useCallback(
      (job) => {
        if (!('gone' in job)) put(job, true)
      },
      [put],
    ),
  )
  const unknown = sent
    .filter((row) => row.job === null && row.jobId !== null)
    .map((row) => row.jobId ?? '')
    .slice(0, WATCHED)
    .join()
  useEffect(() => {
    for (const job_id of unknown === '' ? [] : new Set(unknown.split(',')))
      void take(api.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id } } })).then(
        ({ job }) => put(job, false),
        () => undefined,
      )
  }, [unknown, put])
}

function isJobOf(row: Sent, job: Job) {
  if (row.jobId !== null) return row.jobId === job.id
  return row.subscription !== null && row.subscription === job.subscription
}

async function post(urls: string[], limit: number | null, login: number | null) {
  return (await take(api.POST('/api/v1/links', { body: { urls, limit, login, follow: false } }))).items
}

async function followOne(url: string, choice: Choice): Promise<Schemas['LinkReceipt'][]> {
  const made = await take(
    api.POST('/api/v1/subscriptions', { body: { url, title: '', filter: '', zone: 'UTC', ...choice } }),
  )
  const { platform, feed, key, id: subscription, schedule: detail } = made
  return [
    { url, accepted: true, job: null, subscription, platform, feed, key, needs: [], reason: null, detail },
  ]
}

let next = 1

function sending(url: string, follow: boolean): Sent {
  const nothing = { jobId: null, job: null, subscription: null, reason: null, detail: null, again: null }
  return { key: `sent-${next++}`, url, follow, state: 'sending', ...nothing }
}

function received(row: Sent, receipt: Schemas['LinkReceipt'] | undefined): Sent {
  if (receipt === undefined) return row
  const { accepted, job: jobId, subscription, reason, detail } = receipt
  return { ...row, state: accepted ? 'taken' : 'refused', jobId, subscription, reason, detail, again: null }
}

function refused(row: Sent, error: unknown): Sent {
  return {
    ...row,
    state: 'refused',
    detail: error instanceof Problem && error.message !== '' ? error.message : null,
  }
}
