/** The whole timeline at the edge of the page: how much each month holds, and the way there. */
import { useLingui } from '@lingui/react/macro'
import { memo, useRef, useState } from 'react'
import { longMonth, monthTitle, shortMonth, yearTitle } from './days'
import { monthAt, named, stepped, type Month } from './months'

interface ScrubberProps {
  months: Month[]
  /** 0 to 1: where one is. */
  part: number
  /** The height, in pixels. */
  height: number
  onJump: (part: number) => void
}

const LABEL = 22 // pixels that a name needs
const APART = 3 // pixels between two marks

export function Scrubber({ months, part, height, onJump }: ScrubberProps) {
  const { t } = useLingui()
  const ref = useRef<HTMLDivElement>(null)
  /** Where the pointer is, while it is here. */
  const [pointed, setPointed] = useState<number | null>(null)
  const at = pointed ?? part
  const month = monthAt(months, at)
  const partOf = (event: React.PointerEvent) => {
    const { top, height: whole } = event.currentTarget.getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientY - top) / whole))
  }
  const press = (event: React.KeyboardEvent) => {
    const to = stepped(months, part, event.key)
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    onJump(to)
  }
  return (
    <div
      ref={ref}
      className="scrub desk"
      role="slider"
      tabIndex={0}
      aria-label={t`Date`}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
      aria-valuetext={month ? longMonth(month.day) : ''}
      data-wide={pointed === null ? undefined : ''}
      onKeyDown={press}
      onPointerMove={(event) => setPointed(partOf(event))}
      onPointerLeave={(event) => !event.currentTarget.hasPointerCapture(event.pointerId) && setPointed(null)}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        setPointed(partOf(event))
      }}
      onPointerUp={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
        onJump(partOf(event))
        if (!event.currentTarget.matches(':hover')) setPointed(null)
      }}
      onPointerCancel={() => setPointed(null)}
    >
      <Marks months={months} height={height} />
      <b className="here" style={{ top: `${part * 100}%` }} />
      {month && (
        <span className="now" style={{ top: `${at * 100}%` }}>
          {monthTitle(month.day)}
        </span>
      )}
    </div>
  )
}

/** Drawn once: while one scrolls, only the place changes. */
const Marks = memo(function Marks({ months, height }: { months: Month[]; height: number }) {
  const room = Math.max(1, height)
  const names = named(months, LABEL / room)
  const marks = spread(months, APART / room)
  return (
    <>
      {marks.map(({ month: key, part: top, weight }) => (
        <i key={key} style={{ top: `${top * 100}%`, width: 5 + Math.round(weight * 16) }} />
      ))}
      {months
        .filter((each) => names.has(each))
        .map(({ month: key, day, part: top, newYear }) => (
          <span key={key} className={newYear ? 'year' : 'month'} style={{ top: `${top * 100}%` }}>
            {newYear ? yearTitle(day) : shortMonth(day)}
          </span>
        ))}
    </>
  )
})

/** Marks that can be told apart: of those that lie closer, the fuller one. */
function spread(months: Month[], apart: number): Month[] {
  const marks: Month[] = []
  for (const month of months) {
    const last = marks.at(-1)
    if (!last || month.part - last.part >= apart) marks.push(month)
    else if (month.weight > last.weight) marks[marks.length - 1] = { ...month, part: last.part }
  }
  return marks
}
