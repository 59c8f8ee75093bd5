import { useLingui } from '@lingui/react/macro'
import { useLayoutEffect } from 'react'
import { today } from '../../words/days'
import { formatDay, formatNumber } from '../../words/format'
import type { Range } from '../../words/queryEdits'
import { firstDay, lastOfMonth, moved, sameDay, timeOf, weeksOf } from './dates'

const LONGEST_BAR = 18

interface MonthProps {
  month: string
  /** How many each day has. */
  counts: ReadonlyMap<string, number>
  range: Range
  /** The day that the keys are at; one of all months. */
  focus: string
  onFocus: (day: string) => void
  onPick: (day: string) => void
  onPoint: (day: string | null) => void
}

/** The days of a month as a grid. Arrows go by days and weeks, Page keys by months, Home and End in the week. */
export function Month({ month, counts, range, focus, onFocus, onPick, onPoint }: MonthProps) {
  const { t, i18n } = useLingui()
  const most = Math.max(1, ...counts.values())
  const now = today()
  const name = new Intl.DateTimeFormat(i18n.locale, {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(timeOf(month))
  const weekday = new Intl.DateTimeFormat(i18n.locale, { weekday: 'short', timeZone: 'UTC' })
  const here = focus >= month && focus <= lastOfMonth(month)
  // Before the next key comes: it is for the day where the focus is.
  useLayoutEffect(() => {
    if (here && document.activeElement?.matches('.mgrid button'))
      document.querySelector<HTMLElement>('.mgrid button[tabindex="0"]')?.focus()
  }, [here, focus])

  const walk = (event: React.KeyboardEvent, day: string) => {
    const weekAt = (new Date(timeOf(day)).getUTCDay() + 6) % 7
    const steps: Record<string, () => string> = {
      ArrowLeft: () => moved(day, -1),
      ArrowRight: () => moved(day, 1),
      ArrowUp: () => moved(day, -7),
      ArrowDown: () => moved(day, 7),
      PageUp: () => sameDay(day, event.shiftKey ? -12 : -1),
      PageDown: () => sameDay(day, event.shiftKey ? 12 : 1),
      Home: () => moved(day, -weekAt),
      End: () => moved(day, 6 - weekAt),
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    onFocus(step())
    onPoint(step())
  }
  return (
    <table className="mgrid" aria-label={name}>
      <caption>{name}</caption>
      <thead>
        <tr>
          {[5, 6, 7, 8, 9, 10, 11].map((day) => (
            <th key={day} scope="col">
              {weekday.format(Date.UTC(2026, 0, day)).slice(0, 2)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(month).map((week, index) => (
          <tr key={index}>
            {week.map((day, at) => {
              if (day === null) return <td key={at} />
              const count = counts.get(day) ?? 0
              const within = isIn(day, range)
              const words = formatNumber(count)
              const spoken = formatDay(firstDay(day))
              return (
                <td
                  key={at}
                  data-in={within ? '' : undefined}
                  data-a={day === range.from ? '' : undefined}
                  data-z={day === range.to ? '' : undefined}
                >
                  <button
                    type="button"
                    tabIndex={day === focus ? 0 : -1}
                    aria-label={count ? t`${spoken}, ${words} of them` : spoken}
                    aria-pressed={within}
                    aria-current={day === now ? 'date' : undefined}
                    onKeyDown={(event) => walk(event, day)}
                    onPointerEnter={() => onPoint(day)}
                    onClick={() => {
                      onFocus(day)
                      onPick(day)
                    }}
                  >
                    {Number(day.slice(8))}
                    <i style={{ width: count ? Math.max(2, (count / most) * LONGEST_BAR) : 0 }} />
                  </button>
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function isIn(day: string, { from, to }: Range) {
  if (from === '' && to === '') return false
  return (from === '' || day >= from) && (to === '' || day <= to)
}
