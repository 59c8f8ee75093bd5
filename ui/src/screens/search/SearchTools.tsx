import './search.css'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { ChevronDown, Copy, Ellipsis, Heart, SlidersHorizontal, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { Problem } from '../../api/client'
import { Modal } from '../../parts/Dialog'
import { Menu } from '../../parts/Menu'
import { Popover } from '../../parts/Popover'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { formatBytes, formatNumber } from '../../words/format'
import { NAMES, parse } from '../../words/query'
import { asFilter, rangeIn, toggled, valuesOf } from '../../words/queryEdits'
import { countQuery } from './data'
import { FacetList } from './Facets'
import { Picker } from './Picker'
import { Saved } from './Saved'
import { TokenField } from './TokenField'
import { labelOf, rangeWords, valueWords } from './words'

const CHIPS = ['kind', 'platform', 'date', 'size', 'tag']

interface SearchProps {
  q: string
  /** `replace`: it is still being typed, so the way back leads past it. */
  onChange: (q: string, replace?: boolean) => void
}

/** The line above the pictures: what the search says, as chips, and what narrows it further. */
export function SearchTools({ q, onChange }: SearchProps) {
  const { t } = useLingui()
  const [begun, setBegun] = useState('')
  const [sheet, setSheet] = useState(false)
  const change: SearchProps['onChange'] = (next, replace) => {
    setBegun('')
    onChange(next, replace)
  }
  const favourites = valuesOf(q, 'is').includes('favourite')
  const others = NAMES.filter((name) => !CHIPS.includes(name))
  return (
    <>
      <div className="tools search-tools">
        {CHIPS.map((name) => (
          <FilterChip key={name} name={name} q={q} onChange={change} />
        ))}
        <button
          type="button"
          className="chip"
          aria-pressed={favourites}
          onClick={() => change(toggled(q, 'is', 'favourite'))}
        >
          <Heart className="icon" aria-hidden />
          <Trans>Favourites</Trans>
        </button>
        <Menu
          label={t`More conditions`}
          align="start"
          choices={others.map((name) => ({
            key: name,
            label: labelOf(name),
            end: <span className="mono">{name}:</span>,
            onSelect: () => setBegun(`${name}:`),
          }))}
          trigger={(anchor) => (
            <button {...anchor} type="button" className="chip">
              <Ellipsis className="icon" aria-hidden />
              <Trans>More</Trans>
            </button>
          )}
        />
        <span className="end" />
        {q !== '' && (
          <button type="button" className="chip phone" onClick={() => setSheet(true)}>
            <SlidersHorizontal className="icon" aria-hidden />
            <Trans>Narrow</Trans>
          </button>
        )}
        {q === '' && <Saved q={q} onOpen={change} />}
      </div>
      {(q !== '' || begun !== '') && (
        <div className="search-said">
          <TokenField
            key={begun}
            q={q}
            begin={begun}
            onChange={change}
            after={q !== '' && <Saved q={q} onOpen={change} />}
          />
          {q !== '' && <Found q={q} onClear={() => change('')} />}
        </div>
      )}
      {sheet && (
        <Modal as="sheet" title={<Trans>Narrow the search</Trans>} onClose={() => setSheet(false)}>
          <FacetList q={q} onChange={change} />
        </Modal>
      )}
    </>
  )
}

/** A filter with its picker. While it filters it says how. */
function FilterChip({ name, q, onChange }: SearchProps & { name: string }) {
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const told = wordsFor(q, name)
  return (
    <Popover
      ref={panel}
      align="start"
      label={labelOf(name)}
      className="menu"
      onToggle={setOpen}
      trigger={(anchor) => (
        <button {...anchor} type="button" className="chip" data-on={told === null ? undefined : ''}>
          {told ?? <AnyOf name={name} />}
          <ChevronDown className="icon" aria-hidden />
        </button>
      )}
    >
      {open && <Picker name={name} q={q} onChange={onChange} onDone={() => panel.current?.hidePopover()} />}
    </Popover>
  )
}

function AnyOf({ name }: { name: string }) {
  if (name === 'kind') return <Trans>All kinds</Trans>
  if (name === 'platform') return <Trans>Any platform</Trans>
  if (name === 'date') return <Trans>Any time</Trans>
  if (name === 'size') return <Trans>Any size</Trans>
  return <Trans>Tags</Trans>
}

function wordsFor(q: string, name: string): string | null {
  if (name === 'date' || name === 'size') {
    const range = rangeIn(q, name)
    return range.from === '' && range.to === '' ? null : rangeWords(name, range)
  }
  const values = valuesOf(q, name)
  return values.length === 0 ? null : values.map((value) => valueWords(name, value)).join(', ')
}

/** How many are found, and what can be done with the search itself. */
function Found({ q, onClear }: { q: string; onClear: () => void }) {
  const found = useQuery(countQuery(q))
  if (found.error instanceof Problem && found.error.status === 422)
    return (
      <p className="error" role="alert">
        <Sentence error={found.error} />
      </p>
    )
  const { count = 0, bytes = 0, exact = true } = found.data ?? {}
  const many = formatNumber(count)
  const size = formatBytes(bytes)
  return (
    <div className="row found small">
      <span aria-live="polite" className="strong">
        {found.data &&
          (exact ? (
            <Plural value={count} one="# result" other="# results" />
          ) : (
            <Trans>More than {many} results</Trans>
          ))}
      </span>
      {found.data && count > 0 && exact && <span className="muted">{size}</span>}
      <span className="end" />
      {parse(q).some((part) => part.type !== 'broken') && (
        <button type="button" className="link row" onClick={() => void copyFilter(q)}>
          <Copy className="icon" aria-hidden />
          <span className="desk">
            <Trans>Copy as subscription filter</Trans>
          </span>
          <span className="phone">
            <Trans>Copy as filter</Trans>
          </span>
        </button>
      )}
      <button type="button" className="link row" onClick={onClear}>
        <X className="icon" aria-hidden />
        <Trans>Clear</Trans>
      </button>
    </div>
  )
}

async function copyFilter(q: string) {
  const { filter, left } = asFilter(q)
  const parts = left.join(' ')
  if (filter === '') {
    say(<Trans>A filter can only ask what a platform tells. This search asks nothing of that.</Trans>, {
      tone: 'trouble',
    })
    return
  }
  try {
    await navigator.clipboard.writeText(filter)
    say(
      left.length === 0 ? (
        <Trans>Filter copied.</Trans>
      ) : (
        <Trans>Filter copied, without {parts}: only the library knows that.</Trans>
      ),
    )
  } catch {
    say(<Trans>This browser did not allow to copy. The filter is: {filter}</Trans>, { tone: 'trouble' })
  }
}
