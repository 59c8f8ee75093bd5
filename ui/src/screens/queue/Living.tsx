import { Trans, useLingui } from '@lingui/react/macro'
import { useVirtualizer } from '@tanstack/react-virtual'
import { CircleSlash, RotateCw, X } from 'lucide-react'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Empty } from '../../parts/Empty'
import { useHeld } from '../../parts/held'
import { Trouble } from '../../parts/Trouble'
import { useLiving, type Job } from '../../shell/activity'
import { useEnded } from '../../shell/ended'
import type { Lanes } from '../../shell/lanes'
import { JobRow, type Moves } from './JobRow'
import { LaneHead, PlatformHead } from './Heads'
import { comingOf, inLine, rowsOf, settled, withEnds, type Row } from './rows'
import { againMany, cancelMany, move } from './steer'

const MANY = 80 // rows, from which on only those in sight are drawn
const HEIGHTS = { lane: 57, platform: 40, job: 56 }

/** The jobs that are not at an end, by lane and platform. */
export function Living({ lanes }: { lanes: Lanes | undefined }) {
  const { t } = useLingui()
  const list = useRef<HTMLDivElement>(null)
  const living = useLiving()
  const held = useHeld(list)
  const ended = useEnded(held)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [order, setOrder] = useState<readonly string[]>([])
  const jobs = living.data ?? []
  const paused = lanes?.lanes.filter((lane) => lane.paused_since !== null).map(({ lane }) => lane) ?? []
  const right = rowsOf(jobs, ended, paused)
  const rows = withEnds(held ? settled(order, right) : right)
  const keys = rows.map((row) => row.key)
  if (keys.join('\n') !== order.join('\n')) setOrder(keys)

  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  const moves: Moves = {
    to: (job, place) => {
      const line = lineOf(jobs, job)
      const from = line.findIndex((each) => each.id === job.id)
      const last = line.length - 1
      const at = place === 'end' ? last : Math.min(last, Math.max(0, place))
      void move(line, from, at, comingOf(jobs), () => setOrder([]))
    },
    placeOf: (job) => lineOf(jobs, job).findIndex((each) => each.id === job.id),
  }
  const draw = (row: Row) => {
    switch (row.type) {
      case 'lane':
        return <LaneHead lane={row.lane} lanes={lanes} empty={row.last} />
      case 'platform':
        return <PlatformHead lane={row.lane} platform={row.platform} lanes={lanes} />
      case 'job':
        return (
          <JobRow
            job={row.job}
            chosen={chosen.has(row.job.id)}
            onChoose={(on) => choose(row.job.id, on)}
            moves={moves}
          />
        )
    }
  }
  if (living.error !== null && living.data === undefined)
    return <Trouble error={living.error} onRetry={() => void living.refetch()} />
  const here = [...chosen].filter((id) => jobs.some((job) => job.id === id))
  return (
    <div
      ref={list}
      className="lanes"
      role="region"
      aria-label={t`Jobs`}
      aria-busy={living.data === undefined}
    >
      {living.data === undefined && <Skeletons />}
      {living.data !== undefined && rows.length === 0 && (
        <Empty title={<Trans>Nothing is on its way</Trans>}>
          <Trans>Paste a link above. What you follow comes by itself at its time.</Trans>
        </Empty>
      )}
      {rows.length > MANY ? <InSight rows={rows} draw={draw} list={list} /> : <All rows={rows} draw={draw} />}
      {here.length > 0 && <Batch ids={here} onEnd={() => setChosen(new Set())} />}
    </div>
  )
}

interface RowsProps {
  rows: Row[]
  draw: (row: Row) => React.ReactNode
}

function All({ rows, draw }: RowsProps) {
  return (
    <ul>
      {rows.map((row) => (
        <li key={row.key} {...attributes(row)}>
          {draw(row)}
        </li>
      ))}
    </ul>
  )
}

function InSight({ rows, draw, list }: RowsProps & { list: RefObject<HTMLElement | null> }) {
  const [margin, setMargin] = useState(0)
  useEffect(() => setMargin(list.current?.offsetTop ?? 0), [list])
  // eslint-disable-next-line react-hooks/incompatible-library -- its answers are used in this render alone
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current?.closest('.body') ?? null,
    estimateSize: (index) => HEIGHTS[rows[index]?.type ?? 'job'],
    getItemKey: (index) => rows[index]?.key ?? index,
    scrollMargin: margin,
    overscan: 12,
  })
  return (
    <ul className="in-sight" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index]
        return (
          row && (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              {...attributes(row)}
              style={{ translate: `0 ${start - margin}px` }}
            >
              {draw(row)}
            </li>
          )
        )
      })}
    </ul>
  )
}

function attributes(row: Row) {
  return {
    className: `q-${row.type}`,
    'data-last': row.last ? '' : undefined,
    'data-folding': row.type === 'job' && row.folding ? '' : undefined,
  }
}

/** The line that a job stands in: what is queued of its lane and platform. */
function lineOf(jobs: Job[], job: Job) {
  const fits = (each: Job) =>
    each.lane === job.lane && each.platform === job.platform && each.state === 'queued'
  return inLine(jobs.filter(fits))
}

function Batch({ ids, onEnd }: { ids: string[]; onEnd: () => void }) {
  const { t } = useLingui()
  const may = useMay('queue:write')
  const count = ids.length
  const act = (steer: (ids: string[]) => Promise<void>) => () => {
    onEnd()
    void steer(ids)
  }
  return (
    <div className="batch" role="toolbar" aria-label={t`What to do with the chosen jobs`}>
      <span className="sum" role="status">
        <Trans>{count} chosen</Trans>
      </span>
      {may && (
        <>
          <Button icon={RotateCw} onClick={act(againMany)}>
            <Trans>Try now</Trans>
          </Button>
          <Button icon={CircleSlash} onClick={act(cancelMany)}>
            <Trans>Cancel</Trans>
          </Button>
        </>
      )}
      <Button icon={X} aria-label={t`Choose nothing`} onClick={onEnd} />
    </div>
  )
}

function Skeletons() {
  return (
    <ul className="skeletons" aria-hidden>
      {Array.from({ length: 6 }, (_, index) => (
        <li key={index} className="skeleton" />
      ))}
    </ul>
  )
}
