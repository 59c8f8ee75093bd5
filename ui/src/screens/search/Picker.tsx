import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { Button } from '../../parts/Button'
import { parse } from '../../words/query'
import { valuesOf, withPart, withRange } from '../../words/queryEdits'
import { useFacets } from './data'
import { focused } from './focused'
import { DatePicker } from './DatePicker'
import { Histogram } from './Histogram'
import { numberOf } from './measures'
import { ValuePicker } from './ValuePicker'

interface PickerProps {
  name: string
  q: string
  onChange: (q: string) => void
  onDone: () => void
}

const CHOSEN = ['kind', 'platform', 'author', 'tag', 'state', 'source', 'type', 'is']
export const hasPicker = (name: string) =>
  CHOSEN.includes(name) || name === 'date' || name === 'added' || name === 'size' || name === 'duration'

/** What one chooses the values of a condition with. */
export function Picker({ name, q, onChange, onDone }: PickerProps) {
  if (name === 'date' || name === 'added')
    return <DatePicker name={name} q={q} onChange={onChange} onDone={onDone} />
  if (name === 'size' || name === 'duration') return <MeasurePicker name={name} q={q} onChange={onChange} />
  return <ValuePicker name={name} q={q} onChange={onChange} />
}

/** From how large to how large, by handles or typed. */
function MeasurePicker({
  name,
  q,
  onChange,
}: {
  name: 'size' | 'duration'
  q: string
  onChange: (q: string) => void
}) {
  const { t } = useLingui()
  const facets = useFacets(q, { of: name })
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const unreadable = [from, to].some((text) => text !== '' && numberOf(name, tight(text)) === null)
  return (
    <form
      className="picker col"
      onSubmit={(event) => {
        event.preventDefault()
        if (!unreadable && (from || to)) onChange(withRange(q, name, { from: tight(from), to: tight(to) }))
      }}
    >
      {facets.data && <Histogram name={name} q={q} bars={facets.data[name]} onChange={onChange} />}
      <div className="row">
        <div className="input">
          <input
            value={from}
            aria-label={t`From`}
            placeholder={t`From`}
            onChange={(event) => setFrom(event.target.value)}
          />
        </div>
        <div className="input">
          <input
            value={to}
            aria-label={t`To`}
            placeholder={t`To`}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
        <Button submit kind="soft">
          <Trans>Set</Trans>
        </Button>
      </div>
      {unreadable && (
        <p className="error" role="alert">
          {name === 'size' ? (
            <Trans>Write a size as 300kB, 20MB or 1.5GB.</Trans>
          ) : (
            <Trans>Write a length as 90s, 10m or 1h30m.</Trans>
          )}
        </p>
      )}
    </form>
  )
}

const tight = (text: string) => text.replace(/\s+/g, '')

/** A part as text, for what has no picker: letters, numbers, parentheses. */
export function TextPicker({ place, q, onChange, onDone }: Omit<PickerProps, 'name'> & { place: number }) {
  const { t } = useLingui()
  const [text, setText] = useState(parse(q)[place]?.raw ?? '')
  return (
    <form
      className="picker row"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(withPart(q, place, text.trim()))
        onDone()
      }}
    >
      <div className="input">
        <input
          ref={focused}
          className="mono"
          value={text}
          aria-label={t`Condition`}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Button submit kind="primary">
        <Trans>Set</Trans>
      </Button>
    </form>
  )
}

/** Whether a search says anything of a name. */
export const says = (q: string, name: string) =>
  valuesOf(q, name).length > 0 || parse(q).some((part) => part.type === 'condition' && part.name === name)
