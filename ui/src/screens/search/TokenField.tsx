import { useLingui } from '@lingui/react/macro'
import { Search } from 'lucide-react'
import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { formatNumber } from '../../words/format'
import { format, parse, type Part } from '../../words/query'
import { useCompleting } from './completing'
import type { Suggestion } from './suggest'
import { Token } from './Token'
import { meaningOf, valueWords } from './words'

const REST_MS = 600

interface TokenFieldProps {
  q: string
  /** `replace`: it is still being typed, so the way back leads past it. */
  onChange: (q: string, replace?: boolean) => void
  /** What is to be typed first, such as `author:`. */
  begin?: string
  after?: ReactNode
}

const isToken = (part: Part) => part.type === 'condition' || part.type === 'group'
const textOf = (q: string) => {
  const parts = parse(q)
  const text = parts
    .filter((part) => !isToken(part))
    .map((part) => part.raw)
    .join(' ')
  const last = parts.at(-1)
  return text !== '' && (q.endsWith(' ') || (last !== undefined && isToken(last))) ? `${text} ` : text
}

/** A search as tokens and words. What it says is the text of the address, and nothing else. */
export function TokenField({ q, onChange, begin = '', after }: TokenFieldProps) {
  const { t } = useLingui()
  const list = useId()
  const row = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const [typed, setTyped] = useState({ q, text: textOf(q) + begin, ours: q })
  const [active, setActive] = useState(-1)
  const [open, setOpen] = useState(false)
  // The address has changed by other hands than those that type here.
  if (typed.q !== q) setTyped({ q, text: q === typed.ours ? typed.text : textOf(q), ours: q })
  useEffect(() => () => clearTimeout(timer.current), [])
  useLayoutEffect(() => {
    if (begin !== '') field.current?.focus()
  }, [begin])

  const parts = parse(q)
  const { text } = typed
  const { typing, titles, offered } = useCompleting(text, q, open)

  const commit = (now: string, replace = false) => {
    clearTimeout(timer.current)
    const next = format([...parts.filter(isToken), ...parse(now)]) + (/\S\s+$/.test(now) ? ' ' : '')
    const rest = textOf(next)
    setTyped({ q, text: rest, ours: next })
    if (next.trim() !== q.trim()) onChange(next, replace)
  }
  const type = (now: string) => {
    setTyped({ ...typed, text: now })
    setActive(-1)
    setOpen(true)
    clearTimeout(timer.current)
    const last = parse(now).at(-1)
    if (last?.type === 'condition' && /\s$/.test(now)) commit(now)
    else if (parse(now).every((part) => part.type === 'word'))
      timer.current = setTimeout(() => commit(now, true), REST_MS)
  }
  const accept = (one: Suggestion) => {
    const now = text.slice(0, typing.at) + one.text
    if (one.kind === 'value') commit(now)
    else type(now)
    setActive(-1)
    field.current?.focus()
  }
  const tokens = () => [...(row.current?.querySelectorAll<HTMLElement>('[data-token]') ?? [])]
  const walk = (from: HTMLElement, step: -1 | 1) => {
    const all = tokens()
    const at = all.indexOf(from)
    if (at < 0) field.current?.focus()
    else (all[at + step] ?? (step > 0 ? field.current : from))?.focus()
  }
  const keys = (event: React.KeyboardEvent<HTMLInputElement>) => {
    const atStart = event.currentTarget.selectionStart === 0 && event.currentTarget.selectionEnd === 0
    const chosen = offered[active]
    const handlers: Record<string, (() => void) | undefined> = {
      ArrowDown: offered.length ? () => setActive((active + 1) % offered.length) : undefined,
      ArrowUp: offered.length
        ? () => setActive(((active + offered.length) % (offered.length + 1)) - (active < 0 ? 1 : 0))
        : undefined,
      Enter: chosen ? () => accept(chosen) : () => commit(text),
      Tab: chosen ? () => accept(chosen) : undefined,
      Escape: offered.length ? () => setOpen(false) : undefined,
      Backspace: atStart ? () => tokens().at(-1)?.focus() : undefined,
      ArrowLeft: atStart ? () => tokens().at(-1)?.focus() : undefined,
    }
    const handler = handlers[event.key]
    if (handler === undefined) return
    event.preventDefault()
    handler()
  }
  return (
    <div className="omni token-field" role="search" aria-label={t`This search`} ref={row}>
      <Search className="icon" aria-hidden />
      <span className="tokens">
        {parts.map(
          (part, place) =>
            isToken(part) && (
              <Token
                key={part.type === 'condition' ? `${part.name}-${part.not}-${nth(parts, place)}` : part.raw}
                part={part}
                place={place}
                q={q}
                onChange={onChange}
                onWalk={walk}
              />
            ),
        )}
        <input
          ref={field}
          value={text}
          role="combobox"
          aria-expanded={offered.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={active >= 0 ? `${list}-${active}` : undefined}
          aria-label={t`Words or conditions`}
          placeholder={parts.length ? t`Add words, or kind: tag: date:` : ''}
          autoComplete="off"
          spellCheck="false"
          onChange={(event) => type(event.target.value)}
          onKeyDown={keys}
          onFocus={() => setOpen(true)}
          onBlur={(event) => {
            if (row.current === null) return // it is being taken away
            setOpen(false)
            if (!row.current.contains(event.relatedTarget)) commit(text)
          }}
        />
      </span>
      {after}
      <div
        id={list}
        role="listbox"
        aria-label={t`Suggestions`}
        className="menu offered"
        hidden={offered.length === 0}
      >
        {offered.map((one, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys of the list
          <div
            key={`${one.kind}-${one.text}`}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            data-active={index === active ? '' : undefined}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => accept(one)}
          >
            {one.kind === 'name' ? (
              <>
                <b className="strong">{one.text}</b>
                <span className="muted cut">{meaningOf(one.name)}</span>
              </>
            ) : (
              <>
                <span className="grow cut">{valueWords(one.name, one.value, titles)}</span>
                {one.count !== undefined && <span className="end">{formatNumber(one.count)}</span>}
              </>
            )}
          </div>
        ))}
      </div>
    </div>
  )
}

/** The how-manieth of its name a condition is: what keeps a token itself while others come and go. */
function nth(parts: readonly Part[], place: number) {
  const one = parts[place]
  return parts
    .slice(0, place)
    .filter(
      (part) =>
        part.type === 'condition' &&
        one?.type === 'condition' &&
        part.name === one.name &&
        part.not === one.not,
    ).length
}
