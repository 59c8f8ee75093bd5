import { Link } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import {
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  ArrowUpToLine,
  CircleSlash,
  Ellipsis,
  GripVertical,
  RotateCw,
  X,
} from 'lucide-react'
import { useRef, useState } from 'react'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Check } from '../../parts/Check'
import { JobBar, JobState } from '../../parts/Job'
import { Menu, type Choice } from '../../parts/Menu'
import { PlatformSign } from '../../parts/Platform'
import { RemedyLink } from '../../parts/Remedy'
import { isOver, progressOf, type Job } from '../../shell/activity'
import { formatSpeed } from '../../words/format'
import { formatLeft, kindOf, leftOf, titleOf, whereOf } from '../../words/jobs'
import { remedyOf } from '../../words/remedies'
import { again, cancel } from './steer'

const DRAGGED = 'application/x-gatherum-job'
const LINE = { up: 'ArrowUp', down: 'ArrowDown', first: 'Home', last: 'End' }

/** How a job is brought to another place of its line. */
export interface Moves {
  to: (job: Job, place: number | 'end') => void
  placeOf: (job: Job) => number
}

interface JobRowProps {
  job: Job
  chosen: boolean
  onChoose: (on: boolean) => void
  moves: Moves
}

export function JobRow({ job, chosen, onChoose, moves }: JobRowProps) {
  const { t } = useLingui()
  const maySteer = useMay('queue:write')
  const row = useRef<HTMLDivElement>(null)
  const [over, setOver] = useState(false)
  const title = titleOf(job)
  const queued = job.state === 'queued' && maySteer
  const runs = job.state === 'running'
  const lineKey = `${DRAGGED};${job.lane}-${job.platform}`.toLowerCase()
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the grip has the keys for it
    <div
      ref={row}
      className="job"
      data-over={over ? '' : undefined}
      data-ended={isOver(job) ? '' : undefined}
      onDragOver={(event) => {
        if (!queued || !event.dataTransfer.types.includes(lineKey)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false)
        const id = event.dataTransfer.getData(lineKey)
        if (id === '' || id === job.id) return
        event.preventDefault()
        moves.to({ ...job, id }, moves.placeOf(job))
      }}
    >
      <span className="pick">
        {maySteer && !isOver(job) && (
          <Check checked={chosen} label={t`Choose ${title}`} onChange={onChoose} />
        )}
      </span>
      {queued ? (
        <span
          className="grip"
          role="button"
          tabIndex={0}
          draggable
          aria-label={t`Move ${title}: arrows up and down`}
          onDragStart={(event) => {
            event.dataTransfer.setData(lineKey, job.id)
            event.dataTransfer.effectAllowed = 'move'
            if (row.current) event.dataTransfer.setDragImage(row.current, 20, 20)
          }}
          onKeyDown={(event) => {
            const place = moves.placeOf(job)
            if (event.key === LINE.up) moves.to(job, place - 1)
            else if (event.key === LINE.down) moves.to(job, place + 1)
            else if (event.key === LINE.first) moves.to(job, 0)
            else if (event.key === LINE.last) moves.to(job, 'end')
            else return
            event.preventDefault()
          }}
        >
          <GripVertical className="icon" aria-hidden />
        </span>
      ) : (
        <span className="grip" />
      )}
      <PlatformSign platform={job.platform} size="lg" named />
      <div className="what">
        <Link from="/queue" to="/queue" search={(old) => ({ ...old, job: job.id })} className="strong cut">
          {title}
        </Link>
        <div className="small muted cut">
          {kindOf(job)} · {whereOf(job)}
        </div>
      </div>
      <div className="prog">
        {runs ? (
          <JobBar job={job} />
        ) : (
          job.detail !== null && <span className="small soft cut">{job.detail}</span>
        )}
      </div>
      <span className="small soft speed nowrap">{runs ? <Pace job={job} /> : <Attempt job={job} />}</span>
      <span className="why">
        <JobState job={job} card />
      </span>
      <span className="acts">{maySteer && <Acts job={job} moves={moves} />}</span>
    </div>
  )
}

function Pace({ job }: { job: Job }) {
  const { speed } = progressOf(job)
  const left = leftOf(job)
  const parts = [speed > 0 && formatSpeed(speed), left !== null && formatLeft(left)].filter(
    (part) => part !== false,
  )
  return <>{parts.join(' · ')}</>
}

function Attempt({ job: { attempt } }: { job: Job }) {
  return attempt > 1 ? <Trans>attempt {attempt}</Trans> : null
}

function Acts({ job, moves }: { job: Job; moves: Moves }) {
  const { t } = useLingui()
  const title = titleOf(job)
  if (isOver(job))
    return job.state === 'done' ? null : (
      <Button size="sm" icon={RotateCw} aria-label={t`Do ${title} again`} onClick={() => void again(job)} />
    )
  return (
    <>
      {remedyOf(job.reason, job.platform) !== null ? (
        <RemedyLink reason={job.reason} platform={job.platform} size="sm" />
      ) : (
        job.state === 'waiting' && (
          <Button size="sm" onClick={() => void again(job)}>
            <Trans>Try now</Trans>
          </Button>
        )
      )}
      {job.state === 'queued' ? (
        <Menu
          label={t`What to do with ${title}`}
          trigger={(anchor) => (
            <Button
              {...anchor}
              kind="quiet"
              size="sm"
              icon={Ellipsis}
              aria-label={t`What to do with ${title}`}
            />
          )}
          choices={choicesOf(job, moves)}
        />
      ) : (
        <Button
          kind="quiet"
          size="sm"
          icon={X}
          aria-label={t`Cancel ${title}`}
          onClick={() => void cancel(job)}
        />
      )}
    </>
  )
}

function choicesOf(job: Job, moves: Moves): (Choice | null)[] {
  const place = moves.placeOf(job)
  const go = (to: number | 'end') => () => moves.to(job, to)
  return [
    { key: 'first', icon: ArrowUpToLine, label: <Trans>To the front</Trans>, onSelect: go(0) },
    { key: 'up', icon: ArrowUp, label: <Trans>One up</Trans>, onSelect: go(place - 1) },
    { key: 'down', icon: ArrowDown, label: <Trans>One down</Trans>, onSelect: go(place + 1) },
    { key: 'last', icon: ArrowDownToLine, label: <Trans>To the end</Trans>, onSelect: go('end') },
    null,
    { key: 'cancel', icon: CircleSlash, label: <Trans>Cancel</Trans>, onSelect: () => void cancel(job) },
  ]
}
