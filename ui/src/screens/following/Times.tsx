/** At intervals, or by the clock. What is typed stays as it is typed while somebody is at it. */
import { Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert, Plus, X } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '../../parts/Button'
import { Choose } from './Choose'
import {
  cronOf,
  inOrder,
  isAmount,
  retimed,
  timesOf,
  typedOf,
  UNITS,
  WEEK,
  type Timing,
  type TypedTime,
  type Unit,
} from './schedule'
import { spanWords } from './words'

export interface WayProps {
  timing: Timing
  set: (more: Partial<Timing>) => void
}

const INTERVALS = ['30m', '1h', '3h', '6h', '12h', '1d', '1w']

export function Every({ timing, set }: WayProps) {
  const { t } = useLingui()
  const { every } = timing
  const [typed, setTyped] = useState({ every, ...typedOf(every) })
  const [left, setLeft] = useState(false)
  const id = useId()
  const { text, unit } = typed.every === every ? typed : typedOf(every)
  const write = (text: string, unit: Unit) => {
    const every = text.trim() + unit
    setTyped({ every, text, unit })
    set({ every })
  }
  const wrong = left && !isAmount(text)
  const names: Record<Unit, string> = { m: t`minutes`, h: t`hours`, d: t`days`, w: t`weeks` }
  return (
    <>
      <div className="row wrap" role="group" aria-label={t`Common intervals`}>
        {INTERVALS.map((span) => (
          <button
            key={span}
            type="button"
            className="chip"
            aria-pressed={every === span}
            onClick={() => set({ every: span })}
          >
            {spanWords(span)}
          </button>
        ))}
      </div>
      <div className="pair every">
        <label className="input" aria-invalid={wrong || undefined}>
          <span className="vh">{t`How many`}</span>
          <input
            type="number"
            min={1}
            max={9999}
            value={text}
            aria-invalid={wrong || undefined}
            aria-describedby={wrong ? id : undefined}
            onBlur={() => setLeft(true)}
            onChange={(event) => write(event.target.value, unit)}
          />
        </label>
        <Choose
          label={t`Of what`}
          bare
          value={unit}
          options={UNITS.map((one) => [one, names[one]] as const)}
          onChange={(one) => write(text, one)}
        />
      </div>
      {wrong && (
        <p id={id} className="error" role="alert">
          <CircleAlert className="icon" aria-hidden />
          <Trans>A whole number from 1 to 9,999.</Trans>
        </p>
      )}
    </>
  )
}

export function AtTimes({ timing, set }: WayProps) {
  const { t } = useLingui()
  const { cron } = timing
  const field = useId()
  const presets: [string, string][] = [
    ['0 7 * * *', t`Every morning`],
    ['0 8,20 * * *', t`Morning and evening`],
    ['0 22 * * *', t`Every night`],
    ['0 7 * * 1-5', t`Weekdays`],
    ['0 9 * * 6', t`Saturdays`],
    ['0 9 1 * *', t`First of the month`],
  ]
  return (
    <>
      <div className="row wrap" role="group" aria-label={t`Common times`}>
        {presets.map(([text, words]) => (
          <button
            key={text}
            type="button"
            className="chip"
            aria-pressed={cron.trim() === text}
            onClick={() => set({ cron: text })}
          >
            {words}
          </button>
        ))}
      </div>
      <Clock timing={timing} set={set} />
      <div className="field">
        <label htmlFor={field}>
          <Trans>As cron text</Trans>
        </label>
        <div className="input">
          <input
            id={field}
            className="mono"
            value={cron}
            spellCheck="false"
            autoCapitalize="off"
            autoComplete="off"
            aria-describedby={`${field}-more`}
            onChange={(event) => set({ cron: event.target.value })}
          />
        </div>
        <div id={`${field}-more`} className="hint">
          <Trans>Minute, hour, day of the month, month, day of the week.</Trans>
        </div>
      </div>
    </>
  )
}

/** The times and days of a cron expression, where it says no more than these. */
function Clock({ timing, set }: WayProps) {
  const { t, i18n } = useLingui()
  const { cron } = timing
  const [typed, setTyped] = useState<{ cron: string; rows: TypedTime[] } | null>(null)
  const told = timesOf(cron)
  if (told === null) return null
  const { days } = told
  const rows = typed?.cron === cron ? typed.rows : told.times.map((time, id) => ({ id, time }))
  const write = (rows: TypedTime[], days: number[]) => {
    const times = inOrder(rows).map(({ time }) => time)
    const text = times.length === 0 ? cron : cronOf({ times, days })
    setTyped({ cron: text, rows })
    set({ cron: text })
  }
  const settle = () => {
    const settled = inOrder(rows)
    setTyped(settled.length === 0 ? null : { cron, rows: settled })
  }
  const add = () => {
    const time = freeAfter(inOrder(rows).map((row) => row.time))
    write([...rows, { id: Math.max(...rows.map((row) => row.id)) + 1, time }], days)
  }
  const dayName = (day: number, style: 'short' | 'long') =>
    new Date(2026, 5, day).toLocaleDateString(i18n.locale, { weekday: style })
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- it only hears that the focus goes
    <div
      className="row wrap times"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) settle()
      }}
    >
      {rows.map(({ id, time }) => (
        <span key={id} className="input time">
          <input
            type="time"
            aria-label={t`Time`}
            value={time}
            onChange={(event) => write(retimed(rows, id, event.target.value), days)}
          />
          {rows.length > 1 && (
            <button
              type="button"
              aria-label={t`Remove ${time}`}
              onClick={() =>
                write(
                  rows.filter((row) => row.id !== id),
                  days,
                )
              }
            >
              <X className="icon" aria-hidden />
            </button>
          )}
        </span>
      ))}
      {rows.length < 24 && (
        <Button size="sm" kind="quiet" icon={Plus} onClick={add}>
          <Trans>Another time</Trans>
        </Button>
      )}
      <span className="days" role="group" aria-label={t`Days`}>
        {WEEK.map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={days.includes(day)}
            aria-label={dayName(day, 'long')}
            onClick={() =>
              write(rows, days.includes(day) ? days.filter((one) => one !== day) : [...days, day])
            }
          >
            {dayName(day, 'short').slice(0, 2)}
          </button>
        ))}
      </span>
    </div>
  )
}

/** An hour that has no check yet, some hours after the last one. */
function freeAfter(times: string[]): string {
  const last = times.at(-1) ?? '08:00'
  const taken = times.map((time) => Number(time.slice(0, 2)))
  const minute = last.slice(3)
  const from = Number(last.slice(0, 2))
  const hours = Array.from({ length: 24 }, (_, step) => (from + 4 + step) % 24)
  const free = hours.find((hour) => !taken.includes(hour)) ?? 0
  return `${String(free).padStart(2, '0')}:${minute}`
}
