/** Subscriptions as rows. Only those in sight are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ArrowDown } from 'lucide-react'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { nameOf } from '../../words/jobs'
import { useMay } from '../../api/me'
import type { FollowingSort } from '../../routes'
import { Check } from '../../parts/Check'
import { useNow } from '../../parts/Job'
import { Picture } from '../../parts/Picture'
import { PlatformSign } from '../../parts/Platform'
import { formatAgo } from '../../words/format'
import { Actions } from './Actions'
import { walk } from './Cards'
import { standingOf, useBrought, useChecking } from './data'
import type { Subscription } from './schedule'
import type { Selection } from './selection'
import { Remedy, StandingPill, useBackfillWords } from './Standing'
import { TitleLink } from './TitleLink'
import { formatDue, scheduleWords } from './words'

const ROW = 57

interface TableProps {
  shown: readonly Subscription[]
  selection: Selection
  scroller: RefObject<HTMLDivElement | null>
  sort: FollowingSort | undefined
  onSort: (sort: FollowingSort | undefined) => void
}

export function Table({ shown, selection, scroller, sort, onSort }: TableProps) {
  const { t } = useLingui()
  const may = useMay('following:write')
  const head = useRef<HTMLTableElement>(null)
  const [top, setTop] = useState(0)
  const now = useNow(30_000)
  const checking = useChecking()
  useEffect(() => {
    const box = scroller.current
    if (head.current && box)
      setTop(head.current.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop)
  }, [scroller])
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are made anew each time; we pass none on
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    scrollMargin: top,
  })
  const items = rows.getVirtualItems()
  const before = (items[0]?.start ?? top) - top
  const after = rows.getTotalSize() - ((items.at(-1)?.end ?? top) - top)
  const all = shown.length > 0 && shown.every((one) => selection.has(one.id))
  const heading = (name: React.ReactNode, by: FollowingSort, className?: string) => (
    <th className={className} scope="col" aria-sort={sort === by ? 'ascending' : 'none'}>
      <button type="button" className="sorter" onClick={() => onSort(sort === by ? undefined : by)}>
        {name}
        <ArrowDown className="icon" aria-hidden data-on={sort === by ? '' : undefined} />
      </button>
    </th>
  )
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows walk among its links
    <table
      ref={head}
      className="table subs"
      aria-label={t`Subscriptions`}
      aria-rowcount={shown.length + 1}
      onKeyDown={(event) => walk(event, 1)}
    >
      <thead>
        <tr aria-rowindex={1}>
          <th className="box" scope="col">
            {may && (
              <Check
                checked={all ? true : selection.ids.size > 0 ? 'mixed' : false}
                label={t`Select all`}
                onChange={(on) => selection.all(on)}
              />
            )}
          </th>
          {heading(<Trans>Subscription</Trans>, 'name')}
          <th className="checks" scope="col">
            <Trans>Checks</Trans>
          </th>
          {heading(<Trans>Health</Trans>, 'health', 'health')}
          <th className="weeks" scope="col">
            <Trans>New, 12 weeks</Trans>
          </th>
          {heading(<Trans>Last check</Trans>, 'checked', 'num')}
          {heading(<Trans>Next check</Trans>, 'next', 'num')}
          <th className="box" scope="col">
            <span className="vh">
              <Trans>More</Trans>
            </span>
          </th>
        </tr>
      </thead>
      <tbody>
        <Space height={before} />
        {items.map((item) => {
          const one = shown[item.index]
          return (
            one && (
              <Row
                key={one.id}
                one={one}
                place={item.index}
                selection={selection}
                now={now}
                checking={checking}
                may={may}
              />
            )
          )
        })}
        <Space height={after} />
      </tbody>
    </table>
  )
}

function Space({ height }: { height: number }) {
  if (height < 1) return null
  return (
    <tr aria-hidden className="space">
      <td colSpan={8} style={{ height }} />
    </tr>
  )
}

interface RowProps {
  one: Subscription
  place: number
  selection: Selection
  now: number
  checking: ReadonlySet<number>
  may: boolean
}

function Row({ one, place, selection, now, checking, may }: RowProps) {
  const { t } = useLingui()
  const brought = useBrought(one.id)
  const backfill = useBackfillWords(one, brought?.posts)
  const standing = standingOf(one, checking)
  const title = nameOf(one)
  const posts = brought?.posts ?? 0
  const picture = brought?.pictures[0]
  return (
    <tr aria-rowindex={place + 2} aria-selected={selection.has(one.id)}>
      <td className="box">
        {may && (
          <Check
            checked={selection.has(one.id)}
            label={t`Select ${title}`}
            onChange={(_, event) => selection.toggle(one.id, event.shiftKey)}
          />
        )}
      </td>
      <td className="who">
        <div className="row">
          <Picture
            src={picture ? `${picture.thumbnail}&size=320` : null}
            alt=""
            thumbhash={picture?.thumbhash ?? null}
          />
          <div className="grow">
            <TitleLink id={one.id} selection={selection}>
              {title}
            </TitleLink>
            <div className="small muted row cut">
              <PlatformSign platform={one.platform} />
              {brought === undefined ? null : standing.state === 'backfill' ? (
                backfill
              ) : (
                <Plural value={posts} one="# post" other="# posts" />
              )}
            </div>
          </div>
        </div>
      </td>
      <td className="checks soft" title={scheduleWords(one)}>
        <span className="cut">{scheduleWords(one)}</span>
      </td>
      <td className="health">
        <div className="row">
          <StandingPill one={one} standing={standing} posts={brought?.posts} now={now} short />
          {may && <Remedy one={one} standing={standing} />}
        </div>
      </td>
      <td className="weeks">{brought && <Weeks weeks={brought.weeks} />}</td>
      <td className="num soft nowrap last">
        {one.checked_at === null ? <Trans>never</Trans> : formatAgo(one.checked_at, now)}
      </td>
      <td className="num soft nowrap next">
        {one.paused ? <Trans>rests</Trans> : formatDue(one.next_at, now)}
      </td>
      <td className="box">
        <Actions one={one} />
      </td>
    </tr>
  )
}

/** Media of the last twelve weeks, as columns. */
export function Weeks({ weeks }: { weeks: readonly number[] }) {
  const { t } = useLingui()
  const most = Math.max(1, ...weeks)
  const all = weeks.reduce((sum, count) => sum + count, 0)
  return (
    <svg width="72" height="20" viewBox="0 0 72 20" role="img" aria-label={t`${all} in twelve weeks`}>
      {weeks.map((count, place) => {
        const height = count === 0 ? 1 : Math.max(3, (count / most) * 20)
        return (
          <rect
            key={place}
            x={place * 6}
            y={20 - height}
            width="4"
            height={height}
            rx="1"
            fill={count === 0 ? 'var(--line)' : 'var(--accent)'}
          />
        )
      })}
    </svg>
  )
}
