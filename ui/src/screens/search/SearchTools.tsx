import './search.css'
import { Trans, useLingui } from '@lingui/react/macro'
import { ChevronDown, Ellipsis, Heart, SlidersHorizontal } from 'lucide-react'
import { Suspense, useRef, useState } from 'react'
import { Modal } from '../../parts/Dialog'
import { Menu } from '../../parts/Menu'
import { Popover } from '../../parts/Popover'
import { NAMES } from '../../words/query'
import { rangeIn, toggled, valuesOf } from '../../words/queryEdits'
import { Saved } from './Saved'
import { FacetList, Picker, Said } from './searching'
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
          <Suspense>
            <Said q={q} begin={begun} onChange={change} />
          </Suspense>
        </div>
      )}
      {sheet && (
        <Modal as="sheet" title={<Trans>Narrow the search</Trans>} onClose={() => setSheet(false)}>
          <Suspense>
            <FacetList q={q} onChange={change} />
          </Suspense>
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
      {open && (
        <Suspense>
          <Picker name={name} q={q} onChange={onChange} onDone={() => panel.current?.hidePopover()} />
        </Suspense>
      )}
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
