/** When something is checked: by the speed of posting, at intervals, or by the clock. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert } from 'lucide-react'
import { useId } from 'react'
import { api, Problem, take } from '../../api/client'
import { useNow } from '../../parts/Job'
import { useRested } from '../../parts/useRested'
import { formatDayTime } from '../../words/format'
import { Choose } from './Choose'
import { here, jitterOf, minutesOf, type Mode, type Timing } from './schedule'
import { AtTimes, Every, type WayProps } from './Times'
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
      {mode === 'cron' && <AtTimes timing={timing} set={set} />}
      <Said timing={timing} set={set} platform={platform} standing={standing ?? null} />
    </section>
  )
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
  // A number that is not typed to its end is no question yet.
  const sound = mode === 'cron' || (mode === 'every' && (minutesOf(text) ?? 0) > 0)
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
    enabled: sound && asked === JSON.stringify({ text, zone }),
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
  // When it adapts, only the one that stands is known.
  const runs = standing ?? (mode === 'adaptive' ? [] : (data?.runs.slice(0, SHOWN) ?? []))
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
              always={mode === 'every' && (minutesOf(timing.every) ?? Infinity) <= 60}
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
