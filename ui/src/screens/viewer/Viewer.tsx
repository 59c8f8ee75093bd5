import './viewer.css'
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate, useRouter } from '@tanstack/react-router'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { api, take } from '../../api/client'
import { useMay } from '../../api/me'
import { handedOf, type Near } from '../../gallery/near'
import { see, tileOf } from '../../gallery/place'
import { dayOf } from '../../gallery/tiles'
import { Trouble } from '../../parts/Trouble'
import { once, useKeys } from '../../shell/keys'
import { morph } from '../../shell/morph'
import { decide } from '../../shell/undo'
import { Bar } from './Bar'
import { useFavour } from './favour'
import { Film } from './Film'
import { Info } from './Info'
import { downloadOf, isShown, mediaQuery, originalOf, thumbnailOf } from './media'
import { Seen } from './Seen'
import type { StageHandle } from './Stage'
import { STRIP, useStrip } from './strip'

const route = getRouteApi('/inside/media/$media')
const INFO = 'viewer-info'
const AHEAD = 2
const WIDE = '(min-width: 1100px)'

/** One picture or video, large, in the dark; its neighbours are those of the search that it was opened from. */
export function Viewer() {
  const { media: id } = route.useParams()
  const { q = '', info } = route.useSearch()
  const { t } = useLingui()
  const navigate = useNavigate()
  const router = useRouter()
  const may = useMay('library:write')
  const queries = useQueryClient()
  const found = useQuery(mediaQuery(id))
  const media = found.data
  const shownAt = media === undefined ? undefined : dayOf(Date.parse(media.shown_at) / 1000)
  const [lastDay, setLastDay] = useState(shownAt)
  if (shownAt !== undefined && shownAt !== lastDay) setLastDay(shownAt)
  const strip = useStrip(q, id, shownAt ?? lastDay, media?.shown_at)
  const stage = useRef<StageHandle>(null)
  const tagField = useRef<HTMLInputElement>(null)
  const room = useRef<HTMLDivElement>(null)
  const open = info ?? (localStorage.getItem(INFO) ?? (matchMedia(WIDE).matches ? 'on' : 'off')) === 'on'

  useAlone()
  useLayoutEffect(() => room.current?.focus(), [])
  useEffect(() => {
    if (shownAt !== undefined) see(id, shownAt)
  }, [id, shownAt])
  useNeighbours(strip.items, strip.at)

  const go = useCallback(
    (item: Near | undefined) => {
      if (item === undefined) return
      setLastDay(item.day)
      void navigate({
        to: '/media/$media',
        params: { media: item.id },
        search: (old) => ({ ...old, q: q || undefined }),
        replace: true,
      })
    },
    [navigate, q],
  )
  const [before, behind] = strip.at < 0 ? [] : [strip.items[strip.at - 1], strip.items[strip.at + 1]]
  const close = useCallback(() => {
    morph({
      change: () => {
        if (router.history.canGoBack()) router.history.back()
        else void navigate({ to: '/library', search: { q: q || undefined } })
      },
      isDone: () => document.querySelector('.viewer') === null,
      into: () => tileOf(id),
    })
  }, [id, navigate, q, router])
  const showInfo = useCallback(
    (now: boolean) => {
      localStorage.setItem(INFO, now ? 'on' : 'off')
      void navigate({
        to: '/media/$media',
        params: { media: id },
        search: (old) => ({ ...old, info: now }),
        replace: true,
      })
    },
    [id, navigate],
  )
  const tag = useCallback(() => {
    if (!open) showInfo(true)
    requestAnimationFrame(() => tagField.current?.focus())
  }, [open, showInfo])
  const trash = useCallback(() => {
    const { queryKey } = mediaQuery(id)
    const inStrip = strip.at < 0 ? undefined : 'stored'
    if ((queries.getQueryData(queryKey)?.state ?? inStrip) !== 'stored') return
    void queries.cancelQueries({ queryKey: [STRIP] })
    queries.setQueryData(queryKey, (now) => now && { ...now, state: 'trashed' })
    queries.setQueriesData<Near[]>({ queryKey: [STRIP] }, (items) => items?.filter((item) => item.id !== id))
    if (behind ?? before) go(behind ?? before)
    else close()
    const params = { path: { media_id: Number(id) } }
    const call = take(api.POST('/api/v1/media/{media_id}/trash', { params }))
    void decide(<Trans>Moved to the recycle bin.</Trans>, call).then(() => {
      for (const key of [[STRIP], ['timeline'], queryKey]) void queries.invalidateQueries({ queryKey: key })
    })
  }, [before, behind, close, go, id, queries, strip.at])

  const favourIt = useFavour()
  const favour = useCallback(() => favourIt(id), [favourIt, id])

  useKeys(
    useMemo(
      () => ({
        ArrowLeft: () => go(before),
        ArrowRight: () => go(behind),
        Escape: close,
        i: () => showInfo(!open),
        '+': () => stage.current?.zoom('in'),
        '=': () => stage.current?.zoom('in'),
        '-': () => stage.current?.zoom('out'),
        0: () => stage.current?.zoom('fit'),
        d: () => download(id),
        ...(may ? { f: once(favour), t: tag, Delete: once(trash) } : {}),
      }),
      [before, behind, close, favour, go, id, may, open, showInfo, tag, trash],
    ),
  )
  const near = strip.items[strip.at] ?? handedOf(id)
  return (
    <div
      ref={room}
      className="viewer"
      data-theme="dark"
      data-info={open ? '' : undefined}
      tabIndex={-1}
      role="region"
      aria-label={t`Viewer`}
    >
      <section className="stage">
        {media && (
          <Bar
            media={media}
            may={may}
            infoOpen={open}
            onClose={close}
            onFavourite={favour}
            onInfo={() => showInfo(!open)}
            onTag={tag}
            onTrash={trash}
            onZoom={() => stage.current?.zoom('in')}
          />
        )}
        {found.isError ? (
          <div className="big">
            <div className="col">
              <Trouble error={found.error} onRetry={() => void found.refetch()} />
              <Link className="btn" to="/library" search={{ q: q || undefined }}>
                <Trans>To the library</Trans>
              </Link>
            </div>
          </div>
        ) : (
          <Seen
            key={id}
            id={id}
            media={media}
            near={near}
            stage={stage}
            onSwipe={(to) => (to === 'close' ? close() : go(to === 'next' ? behind : before))}
          />
        )}
        {before && (
          <button
            type="button"
            className="navbtn"
            data-side="left"
            aria-label={t`Before`}
            onClick={() => go(before)}
          >
            <ChevronLeft className="icon" aria-hidden />
          </button>
        )}
        {behind && (
          <button
            type="button"
            className="navbtn"
            data-side="right"
            aria-label={t`Next`}
            onClick={() => go(behind)}
          >
            <ChevronRight className="icon" aria-hidden />
          </button>
        )}
        <Film strip={strip} q={q} />
      </section>
      {open && (
        <aside className="info" aria-label={t`About this`}>
          {media && <Info key={id} media={media} may={may} tagField={tagField} />}
        </aside>
      )}
    </div>
  )
}

function download(id: string) {
  const link = document.createElement('a')
  link.href = downloadOf(id)
  link.download = ''
  link.click()
}

/** Keeps what lies behind the dark room from keys and readers. */
function useAlone() {
  useLayoutEffect(() => {
    const behind = document.querySelectorAll<HTMLElement>('.rail, .top, .bottombar, .skip')
    behind.forEach((element) => (element.inert = true))
    return () => behind.forEach((element) => (element.inert = false))
  }, [])
}

/** Fetches two pictures ahead and the one before, so that they are there when one comes. */
function useNeighbours(items: readonly Near[], at: number) {
  const queries = useQueryClient()
  useEffect(() => {
    if (at < 0) return undefined
    const images: HTMLImageElement[] = []
    const wait = setTimeout(() => {
      for (const item of [...items.slice(at + 1, at + 1 + AHEAD), ...items.slice(Math.max(0, at - 1), at)]) {
        void queries.query(mediaQuery(item.id)).then(
          (media) => {
            if (item.kind !== 'image' || media.revision === null) return
            const image = new Image()
            image.src = isShown(media.mime)
              ? originalOf(item.id, media.revision)
              : thumbnailOf(item.id, media.revision, 1280)
            images.push(image)
          },
          () => undefined,
        )
      }
    }, 120)
    return () => {
      clearTimeout(wait)
      for (const image of images) if (!image.complete) image.removeAttribute('src')
    }
  }, [items, at, queries])
}
