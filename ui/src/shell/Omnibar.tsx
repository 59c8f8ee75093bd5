/** The one bar for links, searches and commands; the same field, large, where a library begins. */
import { useRouterState } from '@tanstack/react-router'
import { useLingui } from '@lingui/react/macro'
import { Search, X } from 'lucide-react'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { PlatformSign } from '../parts/Platform'
import { useCookieFile } from './cookieFile'
import { useIncoming } from './incoming'
import { useEntry, type Entry } from './entry'
import { keyOf, useKeys } from './keys'
import { LINK_KINDS } from './links'
import { loadDrop, Paste, useVerbs, type Option } from './Paste'
import { useSuggestions } from './suggestions'
import { say } from './toasts'

const HTTPS = 'https://'

export function Omnibar() {
  const field = useRef<HTMLInputElement>(null)
  const entry = useEntry()
  const [open, setOpen] = useState(false)
  const { t } = useLingui()
  const begin = (text: string) => {
    if (field.current?.closest('[inert]')) {
      say(t`Links go into the bar: press Esc first.`)
      return
    }
    entry.take(text)
    setOpen(true)
    field.current?.focus()
  }
  const dropping = useIncoming(begin, useCookieFile())
  const focus = useMemo(() => {
    const go = () => {
      field.current?.focus()
      field.current?.select()
    }
    return { 'Ctrl+k': go, '/': go }
  }, [])
  useKeys(focus)
  const searched = useSearched()
  const setText = entry.setText
  useEffect(() => {
    if (document.activeElement !== field.current) setText(searched)
  }, [searched, setText])
  const page = useRouterState({ select: ({ location }) => location.pathname }) + searched
  const [shownAt, setShownAt] = useState(page)
  if (shownAt !== page) {
    setShownAt(page)
    setOpen(false)
  }
  return (
    <>
      {(open || dropping) && (
        <div
          className="barveil"
          aria-hidden
          data-dropping={dropping ? '' : undefined}
          onPointerDown={() => setOpen(false)}
        />
      )}
      <Bar entry={entry} field={field} open={open} onOpen={setOpen} search />
    </>
  )
}

/** The field for a first link, with the panel under it. */
export function BigField() {
  const field = useRef<HTMLInputElement>(null)
  const entry = useEntry()
  const [open, setOpen] = useState(true)
  return <Bar entry={entry} field={field} open={open} onOpen={setOpen} big />
}

interface BarProps {
  entry: Entry
  field: React.RefObject<HTMLInputElement | null>
  open: boolean
  onOpen: (open: boolean) => void
  search?: boolean
  big?: boolean
}

function Bar({ entry, field, open, onOpen, search = false, big = false }: BarProps) {
  const { t, i18n } = useLingui()
  const { text, links, kind, sent } = entry
  const list = useId()
  const whole = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(0)
  const [options, setOptions] = useState(false)
  const verbs = useVerbs(entry, () => setOptions(true))
  const suggestions = useSuggestions(text, search && open && links.length === 0)
  const quiet = text === '' && sent.length > 0 // what was handed in is looked at now
  const offered = links.length > 0 ? verbs : search && !quiet ? suggestions : []
  const active = Math.min(at, offered.length - 1)
  const shown = open && (offered.length > 0 || sent.length > 0 || links.length > 0)
  const close = () => {
    onOpen(false)
    setOptions(false)
    if (!big) entry.clear()
  }
  const run = (option: Option | undefined) => {
    if (option === undefined) return
    setAt(0)
    if (option.completes !== undefined) {
      entry.setText(option.completes)
      return
    }
    const closes = links.length === 0
    option.run()
    if (closes) {
      onOpen(false)
      field.current?.blur()
    }
  }
  const press = (event: KeyboardEvent) => {
    const key = keyOf(event.nativeEvent)
    const completion = [offered[active], ...offered].find((each) => each?.completes !== undefined)
    const verb = (name: string) => verbs.find((each) => each.key === name)
    const does: Record<string, () => void> = {
      ArrowDown: () => (open ? setAt((active + 1) % Math.max(1, offered.length)) : onOpen(true)),
      ArrowUp: () => setAt((active - 1 + offered.length) % Math.max(1, offered.length)),
      Escape: () => (shown ? close() : field.current?.blur()),
      Enter: () => run(offered[active]),
      ...(completion && { Tab: () => run(completion) }),
      ...(links.length > 0 && {
        'Shift+Enter': () => verb('get') && entry.get(null),
        'Ctrl+Enter': () => run(verb('follow')),
        'Alt+Enter': () => run(verb('options') ?? verb('all')),
      }),
    }
    const act = does[key]
    if (act === undefined || event.nativeEvent.isComposing) return
    event.preventDefault()
    act()
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- it only hears where the focus went
    <div
      ref={whole}
      className="bar-whole"
      data-big={big ? '' : undefined}
      onBlur={(event) => {
        const to = event.relatedTarget
        if (!big && !(to instanceof Node && whole.current?.contains(to)) && to !== null) onOpen(false)
      }}
    >
      <div className="omni" role="search" data-big={big ? '' : undefined}>
        {links.length === 1 ? (
          <PlatformSign platform={links[0]?.platform ?? 'web'} named />
        ) : (
          <Search className="icon" aria-hidden />
        )}
        <input
          ref={field}
          role="combobox"
          aria-expanded={shown}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={shown && offered.length > 0 ? `${list}-${active}` : undefined}
          aria-label={big ? t`Paste a link` : t`Paste a link, or search your library`}
          placeholder={big ? HTTPS : t`Paste a link, or search your library`}
          autoComplete="off"
          spellCheck="false"
          enterKeyHint="go"
          value={text}
          onFocus={() => {
            void loadDrop()
            onOpen(true)
          }}
          onClick={() => onOpen(true)}
          onKeyDown={press}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text/plain')
            if (!/\s/.test(pasted.trim())) return
            event.preventDefault()
            entry.take(pasted)
          }}
          onChange={(event) => {
            setAt(0)
            setOptions(false)
            onOpen(true)
            entry.setText(event.target.value)
          }}
        />
        {links.length === 1 && kind !== null && <span className="chip desk">{i18n._(LINK_KINDS[kind])}</span>}
        {text !== '' ? (
          <button
            type="button"
            className="wipe"
            aria-label={t`Empty the bar`}
            onClick={() => {
              entry.clear()
              field.current?.focus()
            }}
          >
            <X className="icon" aria-hidden />
          </button>
        ) : (
          !big && <kbd className="desk">{t`Ctrl K`}</kbd>
        )}
      </div>
      <div className="menu drop" hidden={!shown}>
        <Paste entry={entry} options={options} onOptions={setOptions}>
          <Options id={list} options={offered} active={active} onActive={setAt} onRun={run} />
        </Paste>
      </div>
    </div>
  )
}

interface OptionsProps {
  id: string
  options: Option[]
  active: number
  onActive: (at: number) => void
  onRun: (option: Option) => void
}

function Options({ id, options, active, onActive, onRun }: OptionsProps) {
  const { t } = useLingui()
  return (
    <div id={id} role="listbox" aria-label={t`What to do`} className="verbs">
      {options.map((option, index) => (
        // The field keeps the focus: it is told which option is active, and what Enter does.
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events
        <div
          key={option.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          data-active={index === active ? '' : undefined}
          onPointerMove={() => index !== active && onActive(index)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onRun(option)}
        >
          <span className="pf">
            <option.icon className="icon" aria-hidden />
          </span>
          <span className="grow">
            <b className="strong">{option.label}</b> <span className="muted">{option.about}</span>
          </span>
          {option.hotkey !== undefined && <kbd className="desk">{option.hotkey}</kbd>}
        </div>
      ))}
    </div>
  )
}

/** What the library is searched for just now, by the address. */
function useSearched() {
  return useRouterState({
    select: ({ location }) =>
      location.pathname.endsWith('/library') && 'q' in location.search ? String(location.search.q) : '',
  })
}
