import { useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { useRef, useState } from 'react'
import { Popover } from '../../parts/Popover'
import type { Part } from '../../words/query'
import { withoutPart } from '../../words/queryEdits'
import { hasPicker, Picker, TextPicker } from './Picker'
import { useTitles } from './titles'
import { conditionWords, labelOf } from './words'

interface TokenProps {
  part: Part
  place: number
  q: string
  onChange: (q: string) => void
  /** Goes to the token beside this one, or behind the last to the text. */
  onWalk: (from: HTMLElement, step: -1 | 1) => void
}

/** A condition as it stands in the search: press it to change it, × or Backspace to drop it. */
export function Token({ part, place, q, onChange, onWalk }: TokenProps) {
  const { t } = useLingui()
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const titles = useTitles(part.type === 'condition' && part.name === 'source')
  const [label, words] =
    part.type === 'condition'
      ? [labelOf(part.name), conditionWords(part, titles)]
      : ['', part.raw.replace(/^-/, '')]
  const shownLabel = part.not ? t`not ${label}` : label
  const drop = (from: HTMLElement) => {
    onWalk(from, 1)
    onChange(withoutPart(q, place))
  }
  const keys = (event: React.KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Backspace' || event.key === 'Delete') {
      event.preventDefault()
      drop(event.currentTarget)
    } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.preventDefault()
      onWalk(event.currentTarget, event.key === 'ArrowLeft' ? -1 : 1)
    }
  }
  const close = () => panel.current?.hidePopover()
  const named = part.type === 'condition' && !part.not && hasPicker(part.name) ? part.name : null
  return (
    <Popover
      ref={panel}
      align="start"
      label={label === '' ? t`Condition` : label}
      className="menu"
      onToggle={setOpen}
      trigger={({ style, ...anchor }) => (
        <span className="token" data-not={part.not ? '' : undefined} style={style}>
          <button
            {...anchor}
            type="button"
            className="edit"
            data-token=""
            aria-keyshortcuts="Backspace"
            onKeyDown={keys}
          >
            {shownLabel !== '' && <b>{shownLabel}</b>}
            <span className="cut">{words}</span>
          </button>
          <button
            type="button"
            className="off"
            tabIndex={-1}
            aria-label={t`Drop ${shownLabel} ${words}`}
            onClick={(event) => drop(event.currentTarget)}
          >
            <X className="icon" aria-hidden />
          </button>
        </span>
      )}
    >
      {!open ? null : named === null ? (
        <TextPicker key={q} place={place} q={q} onChange={onChange} onDone={close} />
      ) : (
        <Picker name={named} q={q} onChange={onChange} onDone={close} />
      )}
    </Popover>
  )
}
