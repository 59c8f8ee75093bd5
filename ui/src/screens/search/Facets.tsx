import './search.css'
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { PlatformSign } from '../../parts/Platform'
import { leftOut, toggled, valuesOf, withRange } from '../../words/queryEdits'
import { Choice } from './Choice'
import { facetOf, useFacets } from './data'
import { Histogram } from './Histogram'
import { chosenIn, kindOf, kindToggled, typeToggled } from './kinds'
import { says } from './Picker'
import { useTitles } from './titles'
import { KindSign, valueWords } from './words'

const FEW = 6

interface FacetsProps {
  q: string
  onChange: (q: string) => void
}

/** At the side of a search: what its results are like, and how many of each. */
export function Facets({ q, onChange }: FacetsProps) {
  const { t } = useLingui()
  return (
    <aside className="facets desk" aria-label={t`Narrow the search`}>
      <FacetList q={q} onChange={onChange} />
    </aside>
  )
}

/** The facets themselves, for the side or a sheet. */
export function FacetList({ q, onChange }: FacetsProps) {
  const { t } = useLingui()
  const facets = useFacets(q)
  return (
    <div aria-busy={facets.isPlaceholderData || undefined}>
      <Kinds q={q} onChange={onChange} />
      <Measure name="size" title={t`File size`} q={q} onChange={onChange} />
      <Values name="platform" title={t`Platform`} q={q} onChange={onChange} />
      <Values name="author" title={t`Author`} q={q} onChange={onChange} />
      <Values name="tag" title={t`Tag`} q={q} onChange={onChange} />
      <details
        className="facet"
        open={['duration', 'state', 'source', 'date'].some((name) => says(q, name)) || undefined}
      >
        <summary className="link small">
          <Trans>Length, year, subscription, state</Trans>
        </summary>
        <Measure name="duration" title={t`Length`} q={q} onChange={onChange} />
        <Values name="year" as="date" title={t`Year`} q={q} onChange={onChange} />
        <Values name="source" title={t`Subscription`} q={q} onChange={onChange} />
        <Values name="state" title={t`State`} q={q} onChange={onChange} />
      </details>
      {facets.data && !facets.data.exact && (
        <p className="tiny muted">
          <Trans>Counted among the newest 50,000.</Trans>
        </p>
      )}
    </div>
  )
}

function Facet({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="facet">
      <h4>{title}</h4>
      {children}
    </section>
  )
}

/** Kinds, and below each the types that there are of it. */
function Kinds({ q, onChange }: FacetsProps) {
  const { t } = useLingui()
  const { data } = useFacets(q, { of: ['kind', 'type'] })
  if (data === undefined || data.kind.length === 0) return null
  const chosen = chosenIn(q)
  const types = data.type.map((type) => type.value)
  return (
    <Facet title={t`Kind`}>
      <ul className="choices">
        {data.kind.map(({ value: kind, count }) => {
          const one = chosen.get(kind)
          const below = data.type.filter((type) => kindOf(type.value) === kind)
          return (
            <li key={kind}>
              <ul>
                <Choice
                  checked={one === 'all' ? true : one ? 'mixed' : false}
                  out={valuesOf(q, 'kind', true).includes(kind)}
                  label={valueWords('kind', kind)}
                  sign={<KindSign kind={kind} />}
                  count={count}
                  onToggle={() => onChange(kindToggled(q, kind, types))}
                />
                {below.length > 1 &&
                  below.map((type) => (
                    <Choice
                      key={type.value}
                      nested
                      checked={one === 'all' || (one?.has(type.value) ?? false)}
                      label={valueWords('type', type.value)}
                      count={type.count}
                      onToggle={() => onChange(typeToggled(q, type.value, types))}
                    />
                  ))}
              </ul>
            </li>
          )
        })}
      </ul>
    </Facet>
  )
}

function Measure({ name, title, q, onChange }: FacetsProps & { name: 'size' | 'duration'; title: string }) {
  const { data } = useFacets(q, { of: name })
  if (data?.[name].some((bar) => bar.count > 0) !== true) return null
  return (
    <Facet title={title}>
      <Histogram name={name} q={q} bars={data[name]} onChange={onChange} />
    </Facet>
  )
}

interface ValuesProps extends FacetsProps {
  name: string
  /** The name in the grammar, if it is another. */
  as?: string
  title: string
}

function Values({ name, as = name, title, q, onChange }: ValuesProps) {
  const { data } = useFacets(q, { of: as })
  const titles = useTitles(as === 'source')
  const wanted = valuesOf(q, as)
  const out = valuesOf(q, as, true)
  const found = data === undefined ? [] : facetOf(data, name)
  const hidden = [...wanted, ...out].filter(
    (value) => /^\d{4}$|\D/.test(value) && !found.some((one) => one.value.toLowerCase() === value),
  )
  const shown = [
    ...found.filter((one, index) => index < FEW || wanted.includes(one.value) || out.includes(one.value)),
    ...hidden.filter(() => as !== 'date').map((value) => ({ value, count: 0 })),
  ]
  if (shown.length === 0) return null
  return (
    <Facet title={title}>
      <ul className="choices">
        {shown.map(({ value, count }) => (
          <Choice
            key={value}
            checked={wanted.includes(value.toLowerCase())}
            out={out.includes(value.toLowerCase())}
            label={valueWords(as, value, titles)}
            sign={name === 'platform' && <PlatformSign platform={value} named />}
            count={count}
            onToggle={() =>
              onChange(as === 'date' ? yearToggled(q, value) : toggled(q, as, value.toLowerCase()))
            }
            {...(as === 'date' || as === 'state'
              ? {}
              : { onLeaveOut: () => onChange(leftOut(q, as, value.toLowerCase())) })}
          />
        ))}
      </ul>
    </Facet>
  )
}

/** A year has one date: another one takes its place. */
function yearToggled(q: string, year: string) {
  const there = valuesOf(q, 'date').includes(year)
  return withRange(q, 'date', there ? { from: '', to: '' } : { from: year, to: year })
}
