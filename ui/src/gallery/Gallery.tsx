import './gallery.css'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ArrowUp, Minus, Plus } from 'lucide-react'
import {
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { createPortal } from 'react-dom'
import { Button } from '../parts/Button'
import { Trouble } from '../parts/Trouble'
import { trouble } from '../shell/undo'
import { formatNumber } from '../words/format'
import { MANY } from './acts'
import { useArrivals } from './arrivals'
import { authorsOf } from './authors'
import { Batch } from './Batch'
import { Clip } from './Clip'
import { bucketsQuery } from './data'
import type { Desk } from './desk'
import { deskOf } from './desks'
import { useDoing, type Plan } from './doing'
import { useGalleryKeys } from './keys'
import { monthsOf } from './months'
import { useOpening } from './opening'
import { readPlace, seen, writePlace } from './place'
import { usePointer, type Frame } from './pointer'
import { DayHeader, Row } from './Rows'
import { Scrubber } from './Scrubber'
import { HEADER, type Buckets, type RowRef } from './timeline'

interface GalleryProps {
  q: string
  /** The place in the timeline that the address names. */
  at?: string | undefined
  onPlace: (at: string | undefined) => void
  /** Stands in the place of the pictures if there are none. */
  empty: React.ReactNode
  /** Where the count and the height of rows are shown. */
  tools: HTMLElement | null
}

/** The pictures of the library that a search finds ('' is all), by day, to the very end. */
export function Gallery({ q, ...rest }: GalleryProps) {
  const buckets = useQuery(bucketsQuery(q))
  if (buckets.error && !buckets.data)
    return (
      <div className="gallery body">
        <Trouble error={buckets.error} onRetry={() => void buckets.refetch()} />
      </div>
    )
  if (!buckets.data) return <div className="gallery waiting" aria-busy="true" />
  if (buckets.data.day.length === 0) return <div className="gallery body">{rest.empty}</div>
  return <Table q={q} buckets={buckets.data} exact={buckets.data.exact} {...rest} />
}

interface TableProps extends Omit<GalleryProps, 'empty'> {
  buckets: Buckets
  exact: boolean
}

function Table({ q, buckets, exact, at, onPlace, tools }: TableProps) {
  const { t } = useLingui()
  const router = useRouter()
  const box = useRef<HTMLDivElement>(null)
  const [desk] = useState(() => deskOf(q, buckets, at))
  const [frame, setFrame] = useState<Frame | null>(null)
  const { controller, timeline, selection } = desk
  const view = useSyncExternalStore(controller.subscribe, controller.snapshot)
  useSyncExternalStore(selection.subscribe, selection.version)
  const href = useMemo(
    () =>
      router.buildLocation({ to: '/media/$media', params: { media: '0' }, search: { q: q || undefined } })
        .href,
    [router, q],
  )
  const open = useOpening(desk, q)

  // Before the first painting, so that what is in sight is asked for at once.
  useLayoutEffect(() => (box.current ? controller.attach(box.current) : undefined), [controller])
  useEffect(() => {
    const back = timeline.growth(buckets)
    controller.offer(buckets, back <= desk.returning.size)
    if (back > 0) desk.returning.clear()
  }, [controller, timeline, desk, buckets])
  useEffect(() => {
    if (!desk.tell(at)) return
    const place = at === undefined ? undefined : readPlace(at)
    if (place) controller.jumpTo(place)
    else controller.jump(0)
  }, [desk, controller, at])
  useEffect(() => {
    desk.follow((place) => {
      const told = place && writePlace(place)
      if (desk.tell(told)) onPlace(told)
    })
    return () => desk.follow(() => undefined) // it outlasts the page, and may still be loading
  }, [desk, onPlace])
  useArrivals(desk, q)
  usePointer(
    box,
    desk,
    useMemo(() => ({ open, trouble, onFrame: setFrame }), [open]),
  )
  const [plan, setPlan] = useState<Plan | null>(null)
  const doing = useDoing(
    desk,
    q,
    useCallback(
      (next: Plan) => {
        const large = desk.selection.size >= MANY
        if (large) setPlan(next)
        return large
      },
      [desk],
    ),
  )
  const keys = useGalleryKeys(desk, q, doing)
  useComingBack(desk)
  useFocus(box, desk, view.version)

  const stop = desk.tabStop()
  const months = useMonths(desk)
  const picked = selection.version()
  return (
    <div className="gallery" data-picking={selection.isEmpty ? undefined : ''}>
      {tools &&
        createPortal(
          <Tools
            {...{ desk, exact }}
            whole={q === ''}
            total={timeline.total}
            target={timeline.shape.target}
          />,
          tools,
        )}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the arrows walk in it */}
      <div
        ref={box}
        className="gallery-box"
        role="region"
        aria-label={t`Timeline`}
        tabIndex={-1}
        onKeyDown={keys.press}
      >
        <div className="gallery-inner" style={{ height: view.boxHeight }}>
          <div className="gallery-layer" style={{ transform: `translateY(${view.offset}px)` }}>
            {view.rows.map((row) => (
              <Line
                key={row.key}
                {...{ row, desk, href, picked }}
                stop={stop?.row === row.key ? stop.id : undefined}
                base={view.base}
                images={!view.fast}
              />
            ))}
            <Clip box={box} desk={desk} />
            {frame && <div className="frame" style={{ ...frame }} />}
          </div>
        </div>
      </div>
      {view.held > 0 && (
        <button
          type="button"
          className="newpill"
          onClick={() => {
            controller.jump(0)
            controller.take()
          }}
        >
          <ArrowUp className="icon" aria-hidden />
          <Plural value={view.held} one="# new" other="# new" />
        </button>
      )}
      <span className="vh" role="status">
        {view.held > 0 && <Plural value={view.held} one="# new picture" other="# new pictures" />}
      </span>
      {view.error !== null && (
        <div className="gallery-trouble">
          <Trouble error={view.error} onRetry={() => controller.retry()} />
        </div>
      )}
      <Scrubber
        months={months}
        part={timeline.height ? timeline.layoutTop / timeline.height : 0}
        height={timeline.viewport}
        onJump={(part) => controller.jump(part * timeline.height)}
      />
      <Batch
        desk={desk}
        q={q}
        doing={doing}
        panel={keys.panel}
        onPanel={keys.setPanel}
        plan={plan}
        onPlan={setPlan}
      />
    </div>
  )
}

interface LineProps {
  row: RowRef
  desk: Desk
  stop: string | undefined
  href: string
  base: number
  images: boolean
  /** The version of the selection. */
  picked: number
}

function Line({ row: { block, row, y }, desk, stop, href, base, images }: LineProps) {
  const { tiles, layout } = block
  if (row >= 0 && tiles && layout)
    return (
      <Row
        tiles={tiles}
        layout={layout}
        row={row}
        x={block.left}
        y={y - base}
        span={block.span}
        images={images}
        selected={pickedIn(desk, block.tiles?.id ?? [], layout.rowStart[row], layout.rowStart[row + 1])}
        stop={stop}
        fresh={desk.fresh}
        href={href}
      />
    )
  const parts = desk.timeline.partsOf(block.day)
  const authors = authorsOf(parts.flatMap(({ tiles }) => tiles ?? [])).join('\n')
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  return block.part === 0 ? (
    <DayHeader
      day={block.day}
      count={count}
      authors={authors}
      x={block.left}
      y={y - base}
      span={block.span}
      beside={block.span < desk.timeline.shape.width}
      height={layout ? HEADER : block.height}
      empty={!layout}
      picked={desk.dayPicked(block.day)}
    />
  ) : (
    <div
      className="jrow"
      style={{ transform: `translateY(${y - base}px)`, width: block.span, height: block.height }}
    >
      <div className="unloaded whole" />
    </div>
  )
}

function pickedIn({ selection }: Desk, ids: string[], from = 0, to = 0): string {
  if (selection.isEmpty) return ''
  return ids
    .slice(from, to)
    .map((id) => (selection.has(id) ? '1' : '0'))
    .join('')
}

/** Gives the focus to the picture that is to have it, and keeps it in here when a picture is removed. */
function useFocus(box: React.RefObject<HTMLDivElement | null>, desk: Desk, version: number) {
  const inside = useRef(false)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const id = desk.wantsFocus ? desk.focused : undefined
    const link = id && element.querySelector<HTMLElement>(`[data-id="${id}"] > a`)
    if (link) {
      desk.settle()
      link.focus({ preventScroll: true })
    } else if (inside.current && document.activeElement === document.body) {
      element.focus({ preventScroll: true })
    }
    inside.current = element.contains(document.activeElement)
  }, [box, desk, version])
  useEffect(() => {
    const element = box.current
    const note = () => (inside.current = true)
    const leave = (event: FocusEvent) => (inside.current = event.relatedTarget === null)
    element?.addEventListener('focusin', note)
    element?.addEventListener('focusout', leave)
    return () => {
      element?.removeEventListener('focusin', note)
      element?.removeEventListener('focusout', leave)
    }
  }, [box])
}

/** Who comes back from a picture finds the focus on the one that was last looked at. */
function useComingBack(desk: Desk) {
  useEffect(() => {
    const last = seen()
    if (last) void desk.comeBack(last.id, last.day).catch(trouble)
  }, [desk])
}

function useMonths({ timeline }: Desk) {
  // Heights turn out a little otherwise all the time: a mark moves only where that would be seen.
  const grown = Math.round(Math.log(timeline.height + 1) * 300)
  const { blocks } = timeline
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `blocks` and `grown` are what it changes with
  return useMemo(() => monthsOf(timeline), [timeline, blocks, grown])
}

interface ToolsProps {
  desk: Desk
  /** Whether no search narrows the timeline. */
  whole: boolean
  exact: boolean
  total: number
  /** The height of rows. */
  target: number
}

/** Drawn anew only when one of these changes: the timeline is at each step that it moves. */
const Tools = memo(function Tools({ desk, whole, exact, total }: ToolsProps) {
  const { t } = useLingui()
  const many = formatNumber(total)
  return (
    <>
      <span className="small muted nowrap">
        {!exact ? (
          <Trans>The newest {many} are shown</Trans>
        ) : (
          whole && <Plural value={total} one="# item" other="# items" />
        )}
      </span>
      <span className="row desk">
        <Button
          kind="quiet"
          size="sm"
          icon={Minus}
          aria-label={t`Smaller pictures`}
          disabled={!desk.canZoom(-1)}
          onClick={() => desk.zoom(-1)}
        />
        <Button
          kind="quiet"
          size="sm"
          icon={Plus}
          aria-label={t`Larger pictures`}
          disabled={!desk.canZoom(1)}
          onClick={() => desk.zoom(1)}
        />
      </span>
    </>
  )
})
