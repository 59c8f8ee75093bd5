import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from '../../parts/Button'
import { today } from '../../words/days'
import { formatNumber } from '../../words/format'
import { rangeIn, withRange, type Range } from '../../words/queryEdits'
import { countQuery, useCalendar } from './data'
import { daysBetween, daysOf, lastOfMonth, monthOf, readDates, shortest } from './dates'
import { Month } from './Month'
import { rangeWords } from './words'

interface DatePickerProps {
  name: 'date' | 'added'
  q: string
  onChange: (q: string) => void
  onDone: () => void
}

/** From when to when: presets, two months with a bar for what each day has, or typed. */
export function DatePicker({ name, q, onChange, onDone }: DatePickerProps) {
  const { t, i18n } = useLingui()
  const now = today()
  const range = daysOf(rangeIn(q, name))
  const [start, setStart] = useState<string | null>(null)
  const [pointed, setPointed] = useState<string | null>(null)
  const [month, setMonth] = useState(() => monthOf(range.to || range.from || now, -1))
  const [focus, setFocus] = useState(range.to || range.from || now)
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const calendar = useCalendar(q, month, lastOfMonth(monthOf(month, 1)), name === 'date')
  const counts = new Map(calendar.data?.day.map((day, index) => [day, calendar.data.count[index] ?? 0]))
  const count = useQuery(countQuery(q))

  const set = (next: Range) => {
    setStart(null)
    onChange(withRange(q, name, shortest(next)))
  }
  const show = (day: string) => {
    setFocus(day)
    if (day < month || day > lastOfMonth(monthOf(month, 1)))
      setMonth(day < month ? monthOf(day) : monthOf(day, -1))
  }
  const turn = (months: 1 | -1) => {
    setMonth(monthOf(month, months))
    setFocus(monthOf(month, months))
  }
  const pick = (day: string) => {
    if (start === null) setStart(day)
    else set(start <= day ? { from: start, to: day } : { from: day, to: start })
  }
  const read = () => {
    if (typed.trim() === '') return
    const found = readDates(typed, now, i18n.locale)
    setWrong(found === null)
    if (found === null) return
    setTyped('')
    set(found)
    show(found.to || found.from || now)
  }
  const presets: [string, string][] = [
    [t`Today`, 'today'],
    [t`Last 7 days`, 'last 7 days'],
    [t`This month`, 'this month'],
    [t`This year`, 'this year'],
  ]
  const [a, z] = start === null ? [range.from, range.to] : [start, pointed ?? start].toSorted()
  const shown = { from: a ?? '', to: z ?? '' }
  const months = { q, counts, range: shown, focus, onFocus: show, onPick: pick, onPoint: setPointed }
  const days = shown.from && shown.to ? daysBetween(shown.from, shown.to) : 0
  const total = formatNumber(count.data?.count ?? 0)
  return (
    <div className="cal">
      <div className="row wrap presets">
        {presets.map(([label, words]) => (
          <button
            key={words}
            type="button"
            className="chip"
            onClick={() => {
              const found = readDates(words, now)
              if (found === null) return
              set(found)
              show(found.to < now ? found.to : now)
            }}
          >
            {label}
          </button>
        ))}
        <span className="end row">
          <Button
            kind="quiet"
            size="sm"
            icon={ChevronLeft}
            aria-label={t`Month before`}
            onClick={() => turn(-1)}
          />
          <Button
            kind="quiet"
            size="sm"
            icon={ChevronRight}
            aria-label={t`Month after`}
            onClick={() => turn(1)}
          />
        </span>
      </div>
      <div className="months">
        <Month month={month} {...months} />
        <Month month={monthOf(month, 1)} {...months} />
      </div>
      <form
        ref={form}
        className="row typed"
        onSubmit={(event) => {
          event.preventDefault()
          read()
        }}
      >
        <div className="input" aria-invalid={wrong || undefined}>
          <input
            value={typed}
            aria-label={t`Type dates`}
            aria-invalid={wrong || undefined}
            placeholder={t`Or type: last May, 2024, 12 Oct – 9 Nov`}
            onChange={(event) => {
              setTyped(event.target.value)
              setWrong(false)
            }}
            onBlur={() => {
              if (form.current !== null) read() // else it is being taken away
            }}
          />
        </div>
      </form>
      {wrong && (
        <p className="error" role="alert">
          <Trans>These are no dates that we can read. Write 2024, May 2024 or 2024-05-31.</Trans>
        </p>
      )}
      <div className="row foot">
        <span className="small soft grow" aria-live="polite">
          {start !== null ? (
            <Trans>Now choose the last day.</Trans>
          ) : days > 0 ? (
            <>
              <b className="strong">
                <Plural value={days} one="# day" other="# days" />
              </b>
              , <Trans>{total} found.</Trans>{' '}
              {name === 'date' && <Trans>Bars show how many a day has.</Trans>}
            </>
          ) : shown.from || shown.to ? (
            <>
              <b className="strong">{rangeWords(name, shown)}</b>, <Trans>{total} found.</Trans>
            </>
          ) : (
            <Trans>Choose the first day, then the last.</Trans>
          )}
        </span>
        <Button
          kind="quiet"
          size="sm"
          onClick={() => {
            set({ from: '', to: '' })
            onDone()
          }}
        >
          <Trans>Clear</Trans>
        </Button>
        <Button
          kind="primary"
          size="sm"
          onClick={() => {
            if (start !== null) set({ from: start, to: start })
            onDone()
          }}
        >
          <Trans>Done</Trans>
        </Button>
      </div>
    </div>
  )
}
