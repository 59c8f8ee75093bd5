/** When something is checked: by the speed of posting, at intervals, or by the clock. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert, Plus, X } from 'lucide-react'
import { useId } from 'react'
import { api, Problem, take } from '../../api/client'
import { Button } from '../../parts/Button'
import { useNow } from '../../parts/Job'
import { formatDayTime } from '../../words/format'
import { Choose } from './Choose'
import {
  amountOf,
  cronOf,
  here,
  jitterOf,
  minutesOf,
  timesOf,
  UNITS,
  WEEK,
  type Mode,
  type Timing,
  type Unit,
} from './schedule'
import { useRested } from './useRested'
import { Week } from './Week'
import { formatDue, lengthWords, spanWords } from './words'

interface WhenProps {
  timing: Timing
  onChange: (timing: Timing) => void
  /** Whose lane is shown; without one, no map. */
  platform: string | null
  /** The next runs as they stand, while nothing is changed. */
  standing?: readonly { at: string }[] | null | undefined
  /** What the server suggests, as an interval. */
  suggested?: string | undefined
}

const SHOWN = 5
/** Hours of a week, so that all of them can be seen in the map. */
const ASKED = 168
const BOUNDS = ['10m', '30m', '1h', '3h', '6h', '12h', '1d', '2d', '1w', '2w', '4w']
const INTERVALS = ['30m', '1h', '3h', '6h', '12h', '1d', '1w']

export function When({ timing, onChange, platform, standing, suggested }: WhenProps) {
  const { t } = useLingui()
  const { mode } = timing
  const set = (more: Partial<Timing>) => onChange({ ...timing, ...more })
  const heading = useId()
  const modes: [Mode, string][] = [
    ['adaptive', t`Adaptive`],
    ['every', t`Every…`],
    ['cron', t`At times`],
  ]
  return (
    <section className="when" aria-labelledby={heading}>
      <h3 id={heading}>
        <Trans>When</Trans>
      </h3>
      <div className="row wrap">
        <span className="seg" role="group" aria-labelledby={heading}>
          {modes.map(([one, words]) => (
            <button key={one} type="button" aria-pressed={mode === one} onClick={() => set({ mode: one })}>
              {words}
            </button>
          ))}
        </span>
        {suggested !== undefined && mode !== 'adaptive' && (
          <button
            type="button"
            className="chip"
            aria-pressed={mode === 'every' && timing.every === suggested}
            onClick={() => set({ mode: 'every', every: suggested })}
          >
            <Suggested span={suggested} />
          </button>
        )}
      </div>
      {mode === 'adaptive' && <Adaptive timing={timing} set={set} />}
      {mode === 'every' && <Every timing={timing} set={set} />}
      {mode === 'cron' && <Cron timing={timing} set={set} />}
      <Said timing={timing} set={set} platform={platform} standing={standing ?? null} />
    </section>
  )
}

interface WayProps {
  timing: Timing
  set: (more: Partial<Timing>) => void
}

function Suggested({ span }: { span: string }) {
  const words = spanWords(span)
  return <Trans>Suggested: every {words}</Trans>
}

function Adaptive({ timing, set }: WayProps) {
  const { t } = useLingui()
  const { shortest, longest } = timing
  const minutes = (span: string) => minutesOf(span) ?? 0
  const choices = (present: string, fits: (span: string) => boolean) =>
    [...new Set([...BOUNDS, present])]
      .filter((span) => fits(span) || span === present)
      .sort((a, b) => minutes(a) - minutes(b))
      .map((span) => [span, spanWords(span)] as const)
  return (
    <div className="pair">
      <Choose
        label={t`At the most every`}
        value={shortest}
        options={choices(shortest, (span) => minutes(span) <= minutes(longest))}
        onChange={(span) => set({ shortest: span })}
      />
      <Choose
        label={t`At the least every`}
        value={longest}
        options={choices(longest, (span) => minutes(span) >= minutes(shortest))}
        onChange={(span) => set({ longest: span })}
      />
    </div>
  )
}

function Every({ timing, set }: WayProps) {
  const { t } = useLingui()
  const { amount, unit } = amountOf(timing.every)
  const names: Record<Unit, string> = { m: t`minutes`, h: t`hours`, d: t`days`, w: t`weeks` }
  return (
    <>
      <div className="row wrap" role="group" aria-label={t`Common intervals`}>
        {INTERVALS.map((span) => (
          <button
            key={span}
            type="button"
            className="chip"
            aria-pressed={timing.every === span}
            onClick={() => set({ every: span })}
          >
            {spanWords(span)}
          </button>
        ))}
      </div>
      <div className="pair every">
        <label className="input">
          <span className="vh">{t`How many`}</span>
          <input
            type="number"
            min={1}
            max={9999}
            value={amount}
            onChange={(event) => {
              const value = Math.floor(event.target.valueAsNumber)
              if (value >= 1 && value <= 9999) set({ every: `${value}${unit}` })
            }}
          />
        </label>
        <Choose
          label={t`Of what`}
          bare
          value={unit}
          options={UNITS.map((one) => [one, names[one]] as const)}
          onChange={(one) => set({ every: `${amount}${one}` })}
        />
      </div>
    </>
  )
}

function Cron({ timing, set }: WayProps) {
  const { t, i18n } = useLingui()
  const { cron } = timing
  const told = timesOf(cron)
  const field = useId()
  const presets: [string, string][] = [
    ['0 7 * * *', t`Every morning`],
    ['0 8,20 * * *', t`Morning and evening`],
    ['0 22 * * *', t`Every night`],
    ['0 7 * * 1-5', t`Weekdays`],
    ['0 9 * * 6', t`Saturdays`],
    ['0 9 1 * *', t`First of the month`],
  ]
  const dayName = (day: number, style: 'short' | 'long') =>
    new Date(2026, 5, day).toLocaleDateString(i18n.locale, { weekday: style })
  const write = (times: string[], days: number[]) => set({ cron: cronOf({ times, days }) })
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
      {told && (
        <div className="row wrap times">
          {told.times.map((time, place) => (
            <span key={place} className="input time">
              <input
                type="time"
                aria-label={t`Time`}
                value={time}
                onChange={(event) => {
                  const { value } = event.target
                  if (value === '') return
                  const minute = value.slice(3)
                  const times = told.times.map((one, each) =>
                    each === place ? value : `${one.slice(0, 2)}:${minute}`,
                  )
                  write(times, told.days)
                }}
              />
              {told.times.length > 1 && (
                <button
                  type="button"
                  aria-label={t`Remove ${time}`}
                  onClick={() =>
                    write(
                      told.times.filter((_, each) => each !== place),
                      told.days,
                    )
                  }
                >
                  <X className="icon" aria-hidden />
                </button>
              )}
            </span>
          ))}
          {told.times.length < 24 && (
            <Button
              size="sm"
              kind="quiet"
              icon={Plus}
              onClick={() => write([...told.times, freeAfter(told.times)], told.days)}
            >
              <Trans>Another time</Trans>
            </Button>
          )}
          <span className="days" role="group" aria-label={t`Days`}>
            {WEEK.map((day) => (
              <button
                key={day}
                type="button"
                aria-pressed={told.days.includes(day)}
                aria-label={dayName(day, 'long')}
                onClick={() =>
                  write(
                    told.times,
                    told.days.includes(day) ? told.days.filter((one) => one !== day) : [...told.days, day],
                  )
                }
              >
                {dayName(day, 'short').slice(0, 2)}
              </button>
            ))}
          </span>
        </div>
      )}
      <div className="field">
        <label htmlFor={field}>
          <Trans>As cron text</Trans>
        </label>
        <div className="input">
          <input
            id={field}
            className="mono"
            value={cron}
            spellCheck={false}
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

const JITTERS = [0, 120, 600, 1800, 3600]

interface SaidProps extends WayProps {
  platform: string | null
  standing: readonly { at: string }[] | null
}

/** What the server makes of it: the sentence, the next five, and where it falls in the week. */
function Said({ timing, set, platform, standing }: SaidProps) {
  const { t } = useLingui()
  const now = useNow(30_000)
  const { mode, zone } = timing
  const text = mode === 'cron' ? timing.cron.trim() : timing.every
  const asked = useRested(JSON.stringify({ text, zone }), 250)
  const {
    data,
    error,
    isPlaceholderData: old,
  } = useQuery({
    queryKey: ['next-runs', asked],
    queryFn: ({ signal }) => {
      const { text: told, zone: there } = JSON.parse(asked) as { text: string; zone: string }
      return take(
        api.POST('/api/v1/subscriptions/next-runs', {
          body: { timing: told, zone: there, count: ASKED },
          signal,
        }),
      )
    },
    enabled: mode !== 'adaptive',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  })
  const wrong = mode !== 'adaptive' && error instanceof Problem && error.status === 422
  const late = jitterOf(timing)
  const length = lengthWords(late)
  const longestJitter = (minutesOf(timing.every) ?? 0) * 60
  const options: [string, string][] = [
    ['usual', t`as it suits`],
    ...[...new Set(timing.jitter === null ? JITTERS : [...JITTERS, timing.jitter])]
      .filter((seconds) => mode === 'cron' || seconds <= longestJitter || seconds === timing.jitter)
      .sort((a, b) => a - b)
      .map((seconds): [string, string] => {
        const words = lengthWords(seconds)
        return [String(seconds), seconds === 0 ? t`to the minute` : t`up to ${words} later`]
      }),
  ]
  const runs = standing ?? data?.runs.slice(0, SHOWN) ?? []
  const [from, to] = [spanWords(timing.shortest), spanWords(timing.longest)]
  return (
    <>
      <p className="said" role="status" data-old={old ? '' : undefined}>
        {wrong ? (
          <span className="error">
            <CircleAlert className="icon" aria-hidden />
            {error.detail}
          </span>
        ) : mode === 'adaptive' ? (
          <>
            <strong>
              <Trans>As often as they post</Trans>
            </strong>
            ,{' '}
            <span className="soft">
              <Trans>
                from every {from} to every {to}
              </Trans>
            </span>
          </>
        ) : (
          <>
            <strong>{sentence(data?.description ?? '')}</strong>{' '}
            <span className="soft">
              {late === 0 ? (
                <Trans>to the minute</Trans>
              ) : (
                <Trans>up to {length} later, so that not all come at once</Trans>
              )}
            </span>
          </>
        )}
      </p>
      {mode !== 'adaptive' && (
        <div className="pair">
          {mode === 'cron' && (
            <Choose
              label={t`Time zone`}
              value={zone}
              options={zones(zone).map((one) => [one, one.replaceAll('_', ' ')] as const)}
              onChange={(one) => set({ zone: one })}
            />
          )}
          <Choose
            label={t`How exactly`}
            value={timing.jitter === null ? 'usual' : String(timing.jitter)}
            options={options}
            onChange={(one) => set({ jitter: one === 'usual' ? null : Number(one) })}
          />
        </div>
      )}
      {!wrong && (
        <div className="ahead">
          {runs.length > 0 && (
            <div>
              <h4 className="tiny muted">
                <Trans>Next</Trans>
              </h4>
              <ol className="next">
                {runs.map((run) => (
                  <li key={run.at} title={formatDayTime(run.at)}>
                    <time dateTime={run.at}>{formatDue(run.at, now)}</time>
                  </li>
                ))}
              </ol>
            </div>
          )}
          {platform !== null && (
            <Week
              platform={platform}
              runs={mode === 'adaptive' ? [] : (data?.runs ?? [])}
              always={mode === 'every' && (minutesOf(timing.every) ?? 0) <= 60}
            />
          )}
        </div>
      )}
    </>
  )
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

let known: string[] | undefined

function zones(present: string): string[] {
  known ??= [...new Set(['UTC', here(), ...Intl.supportedValuesOf('timeZone')])]
  return known.includes(present) ? known : [present, ...known]
}
