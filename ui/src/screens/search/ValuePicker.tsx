import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { PlatformSign } from '../../parts/Platform'
import { useRested } from '../../parts/useRested'
import { leftOut, toggled, valuesOf } from '../../words/queryEdits'
import { Choice } from './Choice'
import { facetOf, useFacets, useTags } from './data'
import { focused } from './focused'
import { useTitles } from './titles'
import { CLOSED, KindSign, valueWords } from './words'

const FEW = 8

interface ValuePickerProps {
  name: string
  q: string
  onChange: (q: string) => void
}

/** The values of a name to choose from, with how many have each. */
export function ValuePicker({ name, q, onChange }: ValuePickerProps) {
  const { t } = useLingui()
  const [text, setText] = useState('')
  const prefix = text.trim()
  const asked = useRested(prefix)
  const facets = useFacets(q, { of: name })
  const tags = useTags(asked, name === 'tag')
  const titles = useTitles(name === 'source')
  const wanted = valuesOf(q, name)
  const out = valuesOf(q, name, true)
  const found = name === 'tag' && asked !== '' ? (tags.data?.items ?? []) : facetOf(facets.data, name)
  const values = all(found, [...wanted, ...out, ...(CLOSED[name] ?? [])])
  const shown = values.filter((one) =>
    valueWords(name, one.value, titles).toLowerCase().includes(prefix.toLowerCase()),
  )
  const isNew =
    prefix !== '' &&
    CLOSED[name] === undefined &&
    (name !== 'source' || /^\d+$/.test(prefix)) &&
    !values.some(({ value }) => value === prefix.toLowerCase())
  return (
    <div className="picker col">
      {(values.length > FEW || name === 'tag' || name === 'author') && (
        <div className="input">
          <input
            ref={focused}
            value={text}
            placeholder={t`Find`}
            aria-label={t`Find`}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      )}
      <ul className="choices">
        {shown.map(({ value, count }) => (
          <Choice
            key={value}
            checked={wanted.includes(value.toLowerCase())}
            out={out.includes(value.toLowerCase())}
            label={valueWords(name, value, titles)}
            sign={<Sign name={name} value={value} />}
            count={count}
            onToggle={() => onChange(toggled(q, name, value.toLowerCase()))}
            onLeaveOut={() => onChange(leftOut(q, name, value.toLowerCase()))}
          />
        ))}
        {isNew && (
          <Choice
            checked={false}
            label={t`“${prefix}”`}
            onToggle={() => onChange(toggled(q, name, prefix.toLowerCase()))}
          />
        )}
      </ul>
      {shown.length === 0 && !isNew && facets.isSuccess && (
        <p className="small muted">
          <Trans>Nothing of what is found has any.</Trans>
        </p>
      )}
    </div>
  )
}

function Sign({ name, value }: { name: string; value: string }) {
  if (name === 'platform') return <PlatformSign platform={value} named />
  return name === 'kind' ? <KindSign kind={value} /> : null
}

interface Value {
  value: string
  count: number | undefined
}
function all(found: readonly Schemas['Facet'][], others: readonly string[]): Value[] {
  const known = new Set(found.map((one) => one.value.toLowerCase()))
  const rest = [...new Set(others)].filter((value) => !known.has(value))
  return [...found, ...rest.map((value) => ({ value, count: undefined }))]
}
