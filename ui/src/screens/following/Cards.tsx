/** Subscriptions as their newest pictures. Only the rows in sight are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { nameOf } from '../../words/jobs'
import { useMay } from '../../api/me'
import { Check } from '../../parts/Check'
import { useNow } from '../../parts/Job'
import { Picture } from '../../parts/Picture'
import { PlatformSign } from '../../parts/Platform'
import { wordsOf } from '../../words/reasons'
import { Actions } from './Actions'
import { standingOf, useBrought, useChecking, type Brought } from './data'
import type { Subscription } from './schedule'
import type { Selection } from './selection'
import { Remedy, StandingPill, useBackfillWords } from './Standing'
import { TitleLink } from './TitleLink'
import { formatDue } from './words'

const NARROWEST = 270
const GAP = 18
const PHONE = 720

interface ListProps {
  shown: readonly Subscription[]
  selection: Selection
  scroller: RefObject<HTMLDivElement | null>
}

export function Cards({ shown, selection, scroller }: ListProps) {
  const { t } = useLingui()
  const list = useRef<HTMLDivElement>(null)
  const { columns, top } = useColumns(list, scroller)
  const now = useNow(30_000)
  const checking = useChecking()
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are made anew each time; we pass none on
  const rows = useVirtualizer({
    count: Math.ceil(shown.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => (columns === 1 ? 126 : 250 + GAP),
    overscan: 3,
    scrollMargin: top,
  })
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows walk among its links
    <div
      ref={list}
      className="cards"
      role="list"
      aria-label={t`Subscriptions`}
      data-selecting={selection.ids.size > 0 ? '' : undefined}
      style={{ height: rows.getTotalSize() }}
      onKeyDown={(event) => walk(event, columns)}
    >
      {rows.getVirtualItems().map((row) => (
        <div
          key={row.key}
          ref={rows.measureElement}
          data-index={row.index}
          className="cardrow"
          role="presentation"
          style={{
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            transform: `translateY(${row.start - top}px)`,
          }}
        >
          {shown.slice(row.index * columns, (row.index + 1) * columns).map((one) => (
            <Card key={one.id} one={one} selection={selection} now={now} checking={checking} />
          ))}
        </div>
      ))}
    </div>
  )
}

interface CardProps {
  one: Subscription
  selection: Selection
  now: number
  checking: ReadonlySet<number>
}

function Card({ one, selection, now, checking }: CardProps) {
  const { t } = useLingui()
  const may = useMay('following:write')
  const brought = useBrought(one.id)
  const standing = standingOf(one, checking)
  const fresh = brought?.fresh ?? 0
  const title = nameOf(one)
  const selected = selection.has(one.id)
  const helps = standing.state === 'reason' && wordsOf(standing.reason)?.family !== 'waiting'
  return (
    <article className="sub" role="listitem" data-selected={selected ? '' : undefined}>
      {fresh > 0 && (
        <span className="fresh">
          <Plural value={fresh} one="# new" other="# new" />
        </span>
      )}
      <Quad brought={brought} />
      <div className="in">
        <div className="row">
          <PlatformSign platform={one.platform} />
          <TitleLink id={one.id} selection={selection}>
            {title}
          </TitleLink>
        </div>
        <CardLine one={one} state={standing.state} brought={brought} />
        <div className="row foot">
          <StandingPill one={one} standing={standing} posts={brought?.posts} now={now} />
          <span className="end small soft nowrap due">
            {helps
              ? may && <Remedy one={one} standing={standing} />
              : one.paused
                ? null
                : formatDue(one.next_at, now)}
          </span>
        </div>
      </div>
      {may && (
        <span className="pick">
          <Check
            checked={selected}
            label={t`Select ${title}`}
            onChange={(_, event) => selection.toggle(one.id, event.shiftKey)}
          />
        </span>
      )}
      <span className="more">
        <Actions one={one} onSelect={() => selection.toggle(one.id, false)} />
      </span>
    </article>
  )
}

/** The three newest pictures. Before they are known, and where there are none, their places stay. */
function Quad({ brought }: { brought: Brought | undefined }) {
  const pictures = brought?.pictures ?? []
  return (
    <div className="quad" data-count={brought ? pictures.length : undefined} aria-hidden>
      {[0, 1, 2].map((place) => {
        const picture = pictures[place]
        return picture ? (
          <Picture
            key={picture.media}
            src={`${picture.thumbnail}&size=${place === 0 ? 640 : 320}`}
            alt=""
            thumbhash={picture.thumbhash}
          />
        ) : (
          <span key={place} className="photo" />
        )
      })}
    </div>
  )
}

interface LineProps {
  one: Subscription
  state: string
  brought: Brought | undefined
}

function CardLine({ one, state, brought }: LineProps) {
  const backfill = useBackfillWords(one, brought?.posts)
  const posts = brought?.posts ?? 0
  const week = brought?.weeks.at(-1) ?? 0
  return (
    <div className="small muted cut line">
      {brought === undefined ? (
        '\u00a0'
      ) : state === 'reason' && one.detail ? (
        one.detail
      ) : state === 'backfill' ? (
        backfill
      ) : (
        <>
          <Plural value={posts} one="# post" other="# posts" /> ·{' '}
          {week > 0 ? <Trans>+{week} this week</Trans> : <Trans>nothing new this week</Trans>}
        </>
      )}
    </div>
  )
}

const STEPS: Record<string, (columns: number) => number> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (columns) => columns,
  ArrowUp: (columns) => -columns,
}

/** Arrows go from one to the next, as the eye does. */
export function walk(event: React.KeyboardEvent, columns: number) {
  const step = STEPS[event.key]
  if (step === undefined || !(event.target instanceof HTMLElement) || !event.target.matches('[data-item]'))
    return
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-item]')]
  const next = links[links.indexOf(event.target) + step(columns)]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

/** How many cards stand side by side, and how far below the top of the page the list begins. */
function useColumns(list: RefObject<HTMLDivElement | null>, scroller: RefObject<HTMLDivElement | null>) {
  const [place, setPlace] = useState({ columns: 4, top: 0 })
  useEffect(() => {
    const element = list.current
    if (element === null) return undefined
    const measure = () => {
      const width = element.clientWidth
      const columns = innerWidth <= PHONE ? 1 : Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)))
      const box = scroller.current
      const top =
        element.getBoundingClientRect().top - (box?.getBoundingClientRect().top ?? 0) + (box?.scrollTop ?? 0)
      setPlace((now) => (now.columns === columns && Math.abs(now.top - top) < 1 ? now : { columns, top }))
    }
    const watch = new ResizeObserver(measure)
    watch.observe(element)
    measure()
    return () => watch.disconnect()
  }, [list, scroller])
  return place
}
