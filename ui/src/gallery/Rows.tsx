/** What the timeline is drawn from: headers of days, and rows of pictures. A row is drawn as one. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, FileText, Heart, Minus, Music2, Play, SquareStack } from 'lucide-react'
import { memo } from 'react'
import { addressOf } from '../api/client'
import { cancelled } from '../parts/Picture'
import { ground } from '../parts/placeholder'
import { formatDuration, formatNumber } from '../words/format'
import { dateTitle, dayTitle, shortDay } from './days'
import type { Layout } from './justify'
import { dayOf, type Tiles } from './tiles'

interface RowProps {
  tiles: Tiles
  layout: Layout
  row: number
  /** Where it stands, and how wide its place is. */
  x: number
  y: number
  span: number
  /** Whether thumbnails are shown, and what lies on them; else only what fills their place. */
  images: boolean
  /** For each picture of the row whether it is selected, as `0` and `1`; empty if nothing is at all. */
  selected: string
  /** The picture that has the place in the order of the tab key. */
  stop: string | undefined
  /** Those that have just come. */
  fresh: ReadonlySet<string>
  /** The address of a picture's page, with `0` for its number. */
  href: string
}

export const Row = memo(function Row(props: RowProps) {
  const { tiles, layout, row, x, y, span, selected } = props
  const from = layout.rowStart[row] ?? 0
  const to = layout.rowStart[row + 1] ?? from
  const height = layout.rowHeight[row] ?? 0
  const drawn = []
  for (let at = from; at < to; at++)
    drawn.push(
      <Tile
        key={tiles.id[at]}
        at={at}
        height={height}
        picked={selected.charAt(at - from) === '1'}
        {...props}
      />,
    )
  return (
    <div className="jrow" style={{ transform: `translate(${x}px, ${y}px)`, width: span, height }}>
      {drawn}
    </div>
  )
})

interface TileProps extends RowProps {
  at: number
  height: number
  picked: boolean
}

function Tile({ tiles, layout, at, height, images, picked, stop, fresh, href }: TileProps) {
  const id = tiles.id[at] ?? ''
  const hash = tiles.thumbhash[at]
  const width = layout.width[at] ?? 0
  const name = useName(tiles, at)
  const { t } = useLingui()
  return (
    <div
      className="tile photo"
      data-id={id}
      data-selected={picked ? '' : undefined}
      data-new={fresh.has(id) ? '' : undefined}
      style={{ left: layout.left[at], width, ...(hash ? ground(hash) : null) }}
    >
      <a
        href={href.replace(/0(?=$|\?)/, id)}
        tabIndex={id === stop ? 0 : -1}
        aria-label={name}
        draggable={false}
      >
        <Sign kind={tiles.kind[at]} />
        {images && (
          <img
            ref={shown}
            src={thumbnail(tiles, at, width, height)}
            alt=""
            decoding="async"
            draggable={false}
          />
        )}
      </a>
      {(images || picked) && (
        <>
          <Tags tiles={tiles} at={at} />
          <button
            type="button"
            role="checkbox"
            className="pick"
            aria-checked={picked}
            aria-label={t`Select: ${name}`}
            tabIndex={-1}
          >
            {picked && <Check className="icon" aria-hidden />}
          </button>
        </>
      )}
    </div>
  )
}

/** Of which kind it is, how long, and how many more its post has. */
function Tags({ tiles, at }: { tiles: Tiles; at: number }) {
  const duration = tiles.duration[at]
  const stack = tiles.stack[at] ?? 0
  const favourite = tiles.favourite[at]
  return (
    <>
      {(favourite === true || stack > 0) && (
        <span className="tag tr" aria-hidden>
          {favourite && <Heart className="icon full" />}
          {stack > 0 && <SquareStack className="icon" />}
          {stack > 0 && formatNumber(stack)}
        </span>
      )}
      {tiles.kind[at] === 'video' && (
        <span className="tag br" aria-hidden>
          <Play className="icon" />
          {duration != null && formatDuration(duration)}
        </span>
      )}
    </>
  )
}

function Sign({ kind }: { kind: string | undefined }) {
  if (kind === 'audio') return <Music2 className="icon kind" aria-hidden />
  if (kind === 'document') return <FileText className="icon kind" aria-hidden />
  return null
}

/** A picture's name for who does not see it: what it is, what was said, by whom, when. */
function useName(tiles: Tiles, at: number): string {
  const { t } = useLingui()
  const kind = tiles.kind[at]
  const parts = [
    kind === 'video'
      ? t`Video`
      : kind === 'audio'
        ? t`Sound`
        : kind === 'document'
          ? t`Document`
          : t`Picture`,
    tiles.caption[at],
    tiles.author[at],
    dateTitle(dayOf(tiles.shown_at[at] ?? 0)),
    tiles.favourite[at] ? t`favourite` : '',
  ]
  return parts.filter(Boolean).join(', ')
}

const SIZES = [320, 640] as const
const ENOUGH = 1.15 // a thumbnail may be drawn a little larger than it is

/** The smallest thumbnail that fills the tile on this screen. Its address says which bytes it is of. */
function thumbnail(tiles: Tiles, at: number, width: number, height: number): string {
  const ratio = tiles.ratio[at] ?? 1
  const longest = Math.max(width, height * ratio, height, width / ratio) * window.devicePixelRatio
  const size = SIZES.find((each) => each * ENOUGH >= longest) ?? 640
  const revision = tiles.revision[at]
  const path = `/api/v1/files/${tiles.id[at] ?? ''}/thumbnail?size=${size}`
  return addressOf(revision ? `${path}&v=${revision}` : path)
}

const LATE_MS = 80
const FADE = [{ opacity: 0 }, { opacity: 1 }]
const still = matchMedia('(prefers-reduced-motion: reduce)')

/**
 * Fades a picture in that took its time. One that is removed stops loading: it would hold one of the few
 * connections of the browser.
 */
function shown(image: HTMLImageElement) {
  const since = performance.now()
  const cancel = cancelled(image)
  const fade = () => {
    if (performance.now() - since > LATE_MS && !still.matches) image.animate(FADE, 160)
  }
  const succeed = () => (image.style.visibility = '')
  const fail = () => (image.style.visibility = 'hidden')
  if (!image.complete) image.addEventListener('load', fade, { once: true })
  image.addEventListener('load', succeed)
  image.addEventListener('error', fail)
  return () => {
    image.removeEventListener('load', fade)
    image.removeEventListener('load', succeed)
    image.removeEventListener('error', fail)
    cancel()
  }
}

interface HeaderProps {
  day: number
  count: number
  /** Their names, one a line. */
  authors: string
  x: number
  y: number
  span: number
  /** Whether others stand beside it: its name is short then. */
  beside: boolean
  /** With the space of what is not loaded yet. */
  height: number
  empty: boolean
  picked: boolean | 'mixed'
}

export const DayHeader = memo(function DayHeader({
  day,
  count,
  authors,
  x,
  y,
  span,
  beside,
  height,
  empty,
  picked,
}: HeaderProps) {
  const { t } = useLingui()
  const title = dayTitle(day)
  return (
    <div className="jrow" style={{ transform: `translate(${x}px, ${y}px)`, width: span, height }}>
      <div className="day" data-day={day} data-picked={picked === false ? undefined : ''}>
        <button
          type="button"
          role="checkbox"
          className="check"
          aria-checked={picked}
          aria-label={t`Select: ${title}`}
          tabIndex={-1}
        >
          {picked === true && <Check className="icon" aria-hidden />}
          {picked === 'mixed' && <Minus className="icon" aria-hidden />}
        </button>
        <h2>{beside ? shortDay(day) : title}</h2>
        <span className="small muted cut">
          {formatNumber(count)}
          <span className="desk">
            <Authors names={authors.split('\n').filter(Boolean)} />
          </span>
        </span>
      </div>
      {empty && <div className="unloaded" />}
    </div>
  )
})

function Authors({ names }: { names: string[] }) {
  const [first, second, ...rest] = names
  if (first === undefined) return null
  if (second === undefined) return <> · {first}</>
  if (rest.length === 0)
    return (
      <>
        {' · '}
        <Trans>
          {first} and {second}
        </Trans>
      </>
    )
  return (
    <>
      {' · '}
      {first}, {second} <Plural value={rest.length} one="and # more" other="and # more" />
    </>
  )
}
