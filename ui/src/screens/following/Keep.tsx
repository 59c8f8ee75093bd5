/** What is kept of what is found: rows of conditions, the same as text, and a test on what was found before. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert, FlaskConical, Plus, X } from 'lucide-react'
import { useCallback, useId, useState } from 'react'
import { api, Problem, take } from '../../api/client'
import { useLive } from '../../api/live'
import { useRefresh } from '../../api/refresh'
import { Button } from '../../parts/Button'
import { Trouble } from '../../parts/Trouble'
import { useRested } from '../../parts/useRested'
import { Choose } from './Choose'
import {
  compares,
  FIELDS,
  filterOf,
  KINDS,
  operatorsOf,
  partsOf,
  rowsOf,
  type Field,
  type Operator,
  type Row,
} from './filter'

interface KeepProps {
  filter: string
  onChange: (filter: string) => void
  /** Whose posts it is tried on; without, those of the whole library. */
  subscription?: number | undefined
  /** What the server said against it when it was sent. */
  error?: string | undefined
}

export function Keep({ filter, onChange, subscription, error }: KeepProps) {
  const { t } = useLingui()
  const heading = useId()
  const [rows, setRows] = useState<Row[] | null>(() => rowsOf(filter))
  const [written, setWritten] = useState(filter)
  const [asText, setAsText] = useState(rows === null)
  if (filter !== written) {
    // It was changed from without: as text, or by taking changes back.
    setWritten(filter)
    const read = rowsOf(filter)
    setRows(read)
    if (read === null) setAsText(true)
  }
  const change = (next: Row[]) => {
    const text = filterOf(next)
    setRows(next)
    setWritten(text)
    onChange(text)
  }
  return (
    <section className="keep" aria-labelledby={heading}>
      <div className="row">
        <h3 id={heading} className="grow">
          <Trans>What to keep</Trans>
        </h3>
        <span className="seg" role="group" aria-label={t`How the filter is written`}>
          <button
            type="button"
            aria-pressed={!asText}
            disabled={rows === null}
            title={rows === null ? t`It says more than rows can show.` : undefined}
            onClick={() => setAsText(false)}
          >
            <Trans>Rows</Trans>
          </button>
          <button type="button" aria-pressed={asText} onClick={() => setAsText(true)}>
            <Trans>Text</Trans>
          </button>
        </span>
      </div>
      {asText || rows === null ? (
        <TextForm filter={filter} onChange={onChange} rows={rows !== null} />
      ) : (
        <RowsForm rows={rows} onChange={change} />
      )}
      {error !== undefined && error !== '' && (
        <p className="error" role="alert">
          <CircleAlert className="icon" aria-hidden />
          {error}
        </p>
      )}
      <Trial filter={filter} subscription={subscription} />
    </section>
  )
}

function TextForm({
  filter,
  onChange,
  rows,
}: {
  filter: string
  onChange: (text: string) => void
  rows: boolean
}) {
  const { t } = useLingui()
  const id = useId()
  return (
    <div className="field">
      <div className="input area">
        <textarea
          className="mono"
          rows={2}
          value={filter}
          spellCheck="false"
          autoCapitalize="off"
          aria-label={t`The filter as text`}
          aria-describedby={id}
          onChange={(event) => onChange(event.target.value.replace(/\n/g, ' '))}
        />
      </div>
      <div id={id} className="hint">
        {rows ? (
          <Trans>The same words as in a search. Empty keeps everything.</Trans>
        ) : (
          <Trans>It says more than rows can show. Empty keeps everything.</Trans>
        )}
      </div>
    </div>
  )
}

function RowsForm({ rows, onChange }: { rows: Row[]; onChange: (rows: Row[]) => void }) {
  const set = (place: number, row: Row) => onChange(rows.map((one, each) => (each === place ? row : one)))
  const free = FIELDS.find((field) => !rows.some((row) => row.field === field)) ?? 'text'
  return (
    <>
      {rows.length === 0 && (
        <p className="soft small">
          <Trans>Everything that is found is kept.</Trans>
        </p>
      )}
      {rows.length > 0 && (
        <ol className="rules">
          {rows.map((row, place) => (
            <RuleRow
              key={place}
              row={row}
              onChange={(next) => set(place, next)}
              onRemove={() => onChange(rows.filter((_, each) => each !== place))}
            />
          ))}
        </ol>
      )}
      <div>
        <Button
          size="sm"
          kind="quiet"
          icon={Plus}
          onClick={() =>
            onChange([
              ...rows,
              free === 'kind'
                ? { field: 'kind', operator: 'any', value: 'image, video' }
                : { field: free, operator: operatorsOf(free)[0] ?? 'any', value: '' },
            ])
          }
        >
          <Trans>Add condition</Trans>
        </Button>
      </div>
    </>
  )
}

interface RuleProps {
  row: Row
  onChange: (row: Row) => void
  onRemove: () => void
}

function RuleRow({ row, onChange, onRemove }: RuleProps) {
  const { t } = useLingui()
  const fields: Record<Field, string> = {
    kind: t`Kind`,
    text: t`Caption`,
    author: t`Author`,
    duration: t`Length`,
    size: t`Size`,
    width: t`Width`,
    height: t`Height`,
    ratio: t`Shape`,
    date: t`Date`,
    platform: t`Platform`,
    host: t`Host`,
  }
  const words: Record<Operator, string> = {
    any: row.field === 'text' ? t`has any of` : t`is any of`,
    none: row.field === 'text' ? t`has none of` : t`is none of`,
    '>=': row.field === 'date' ? t`from` : t`at least`,
    '<=': row.field === 'date' ? t`to` : t`at most`,
    '>': row.field === 'date' ? t`after` : t`more than`,
    '<': row.field === 'date' ? t`before` : t`less than`,
    '=': row.field === 'date' ? t`in` : t`exactly`,
  }
  const examples: Record<Field, string> = {
    kind: '',
    text: t`sunset, golden hour`,
    author: t`ada, bruno`,
    duration: t`10m`,
    size: t`50MB`,
    width: t`1080`,
    height: t`1080`,
    ratio: t`16:9`,
    date: t`2024-03`,
    platform: t`instagram`,
    host: t`forum.example`,
  }
  const name = fields[row.field]
  return (
    <li className="rule">
      <Choose
        bare
        label={t`Field`}
        value={row.field}
        options={FIELDS.map((field) => [field, fields[field]] as const)}
        onChange={(field) =>
          onChange(
            compares(field) === compares(row.field) && field !== 'kind' && row.field !== 'kind'
              ? { ...row, field, value: compares(field) ? '' : row.value }
              : { field, operator: operatorsOf(field)[0] ?? 'any', value: '' },
          )
        }
      />
      <Choose
        bare
        label={t`How it compares`}
        value={row.operator}
        options={operatorsOf(row.field).map((one) => [one, words[one]] as const)}
        onChange={(operator) => onChange({ ...row, operator })}
      />
      {row.field === 'kind' ? (
        <Kinds value={row.value} onChange={(value) => onChange({ ...row, value })} />
      ) : (
        <div className="input">
          <input
            value={row.value}
            aria-label={t`Value of ${name}`}
            placeholder={examples[row.field]}
            spellCheck="false"
            onChange={(event) => onChange({ ...row, value: event.target.value })}
          />
        </div>
      )}
      <Button kind="quiet" icon={X} aria-label={t`Remove ${name}`} onClick={onRemove} />
    </li>
  )
}

function Kinds({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useLingui()
  const chosen = partsOf(value)
  const names: Record<(typeof KINDS)[number], string> = {
    image: t`Pictures`,
    video: t`Videos`,
    audio: t`Sound`,
    document: t`Documents`,
  }
  return (
    <span className="row wrap kinds" role="group" aria-label={t`Kinds`}>
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          className="chip"
          aria-pressed={chosen.includes(kind)}
          onClick={() =>
            onChange(
              KINDS.filter((one) => (one === kind ? !chosen.includes(one) : chosen.includes(one))).join(', '),
            )
          }
        >
          {names[kind]}
        </button>
      ))}
    </span>
  )
}

const ANEW_MS = 2000 // a check tells of itself more often than that

/** What the filter would have done to posts that are known; a check may bring more of them. */
function Trial({ filter, subscription }: { filter: string; subscription: number | undefined }) {
  const rested = useRested(filter.trim(), 500)
  const [open, setOpen] = useState(false)
  const anew = useRefresh(['filter-trial', subscription ?? null], ANEW_MS)
  useLive(
    'subscription',
    useCallback(
      (thing) => {
        if (thing.id === subscription && !('gone' in thing)) anew()
      },
      [anew, subscription],
    ),
  )
  const { data, error, refetch } = useQuery({
    queryKey: ['filter-trial', subscription ?? null, rested],
    queryFn: ({ signal }) =>
      take(
        api.POST('/api/v1/subscriptions/test-filter', {
          body: { filter: rested, ...(subscription === undefined ? {} : { subscription }) },
          signal,
        }),
      ),
    enabled: rested !== '',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  })
  if (rested === '') return null
  if (error instanceof Problem && error.status === 422)
    return (
      <p className="error" role="status">
        <CircleAlert className="icon" aria-hidden />
        {error.detail}
      </p>
    )
  if (error !== null && data === undefined) return <Trouble error={error} onRetry={() => void refetch()} />
  if (data === undefined)
    return (
      <p className="note small" aria-busy>
        <FlaskConical className="icon" aria-hidden />
        <Trans>Trying it on what is known.</Trans>
      </p>
    )
  if (data.posts === 0)
    return (
      <p className="note small">
        <FlaskConical className="icon" aria-hidden />
        <Trans>Nothing is known yet that it could be tried on.</Trans>
      </p>
    )
  const { kept, left_out: out, posts } = data
  const examples = data.examples.filter((one) => !one.kept).slice(0, Math.max(out, 1))
  return (
    <div className="trial">
      <div className="note" role="status">
        <FlaskConical className="icon" aria-hidden />
        <span className="grow small">
          <Plural value={posts} one="Tested on the last post:" other="Tested on the last # posts:" />{' '}
          <strong>
            <Trans>
              {kept} kept, {out} left out.
            </Trans>
          </strong>
        </span>
        {out > 0 && (
          <button type="button" className="link small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? <Trans>Hide them</Trans> : <Plural value={out} one="Show the one" other="Show the #" />}
          </button>
        )}
      </div>
      {open && out > 0 && (
        <ul className="left-out">
          {examples.map((one) => (
            <li key={one.url}>
              <a href={one.url} target="_blank" rel="noreferrer noopener" className="cut grow">
                {one.caption === '' ? one.url : one.caption}
              </a>
              <span className="muted mono cut">{one.condition}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
