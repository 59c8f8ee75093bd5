import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import { Play } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useLive, type Gone } from '../../api/live'
import { Awaited } from '../../parts/Awaited'
import { Picture } from '../../parts/Picture'
import { queries } from '../../queries'
import { formatDuration, formatMoment } from '../../words/format'
import { since } from './news'

type Media = Schemas['MediaItem']

const KEPT = 12
const WIDE = 5 // the sum of the ratios that fills the strip
const GATHER_MS = 1000
const ARRIVED_MS = 30_000
const SEEN = 'home-seen'

export const newestQuery = queryOptions({
  queryKey: ['media', 'added'],
  queryFn: () =>
    take(api.GET('/api/v1/media', { params: { query: { order: 'added', limit: KEPT } } })).then(
      (page) => page.items,
    ),
})

/** The pictures that came last. `quiet`: nothing is said while there are none. */
export function Newest({ quiet = false }: { quiet?: boolean }) {
  const strip = useRef<HTMLDivElement>(null)
  useArrivals(strip)
  const newest = useQuery(newestQuery)
  const { data } = newest
  const fresh = useRecent(data)
  if (quiet && (data === undefined || data.length === 0)) return null
  return (
    <section>
      <header>
        <h2>
          <Trans>Newest</Trans>
        </h2>
        <Link to="/library" search={{ q: since() }} className="link small end">
          <Trans>All since yesterday</Trans>
        </Link>
      </header>
      {data === undefined && newest.error !== null ? (
        <Awaited query={newest} />
      ) : (
        <div ref={strip} className="strip" aria-busy={data === undefined}>
          {data === undefined && <span className="photo skeleton" />}
          {data?.length === 0 && (
            <p className="small soft">
              <Trans>Room for your first picture. Paste any link above.</Trans>
            </p>
          )}
          {fitting(data ?? []).map((media) => (
            <Tile key={media.id} media={media} fresh={fresh.has(media.id)} />
          ))}
        </div>
      )}
    </section>
  )
}

function Tile({ media, fresh }: { media: Media; fresh: boolean }) {
  const { t } = useLingui()
  const when = formatMoment(media.added_at ?? media.shown_at)
  const { author } = media
  const name = media.caption.slice(0, 120) || t`Picture by ${author}, ${when}`
  return (
    <Link
      to="/media/$media"
      params={{ media: media.id }}
      className="tile-link"
      style={{ flex: `${ratioOf(media)} 1 0` }}
    >
      <Picture
        src={media.thumbnail}
        thumbhash={media.thumbhash}
        alt={name}
        {...(fresh ? { 'data-new': '' } : {})}
      >
        {media.kind === 'video' && (
          <span className="tag br">
            <Play className="icon" aria-hidden />
            {media.duration !== null && formatDuration(media.duration)}
          </span>
        )}
      </Picture>
    </Link>
  )
}

/** Puts what comes in at the front of the list, some at a time, and not under the pointer. */
function useArrivals(strip: React.RefObject<HTMLElement | null>) {
  const waiting = useRef(new Map<string, Media | Gone>())
  const due = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(due.current), [])
  useLive(
    'media',
    useCallback(
      (media: Media | Gone) => {
        waiting.current.set(String(media.id), media)
        const settle = () => {
          if (strip.current?.matches(':hover, :focus-within')) {
            due.current = setTimeout(settle, GATHER_MS)
            return
          }
          due.current = undefined
          const came = new Map(waiting.current)
          waiting.current.clear()
          queries.setQueryData(newestQuery.queryKey, (all) => all && withArrivals(all, came))
        }
        due.current ??= setTimeout(settle, GATHER_MS)
      },
      [strip],
    ),
  )
}

function withArrivals(all: Media[], came: ReadonlyMap<string, Media | Gone>): Media[] {
  const stays = all.flatMap((media) => {
    const now = came.get(media.id)
    if (now === undefined) return [media]
    return 'gone' in now || now.state !== 'stored' ? [] : [now]
  })
  const last = all.at(-1)?.added_at ?? ''
  const known = new Set(all.map((media) => media.id))
  const fresh = [...came.values()].filter(
    (media): media is Media =>
      !('gone' in media) && media.state === 'stored' && !known.has(media.id) && (media.added_at ?? '') > last,
  )
  const newestFirst = fresh.toSorted((a, b) => (b.added_at ?? '').localeCompare(a.added_at ?? ''))
  return [...newestFirst, ...stays].slice(0, KEPT)
}

/** What came since somebody last looked at Home in this browser; at the first visit, what comes while they look. */
function useRecent(data: Media[] | undefined): ReadonlySet<string> {
  const [looked] = useState(() => lastLook() ?? new Date(Date.now() - ARRIVED_MS).toISOString())
  useEffect(() => {
    const note = () => localStorage.setItem(SEEN, new Date().toISOString())
    note()
    return note
  }, [])
  return new Set(data?.filter((media) => (media.added_at ?? '') > looked).map((media) => media.id))
}

/* The moment of the last visit, as it was when this page was loaded: going to and fro is one visit. */
let look: string | null | undefined

function lastLook(): string | null {
  return (look ??= localStorage.getItem(SEEN))
}

function ratioOf({ width, height }: Media) {
  return Math.min(1.8, Math.max(0.62, (width ?? 1) / (height ?? 1)))
}

/** As many of the first ones as fill the strip. */
function fitting(all: Media[]): Media[] {
  let wide = 0
  return all.filter((media) => {
    const room = wide < WIDE
    wide += ratioOf(media)
    return room
  })
}
