import { useNavigate } from '@tanstack/react-router'
import { useLingui } from '@lingui/react/macro'
import { Search } from 'lucide-react'
import { useRef, useState } from 'react'
import { useKeys } from './keys'

/** The one bar: paste a link, or search. */
export function Omnibar() {
  const { t } = useLingui()
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()
  useKeys({ 'Ctrl+k': () => field.current?.focus(), '/': () => field.current?.focus() })
  return (
    <form
      className="omni"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({ to: '/library', search: { q: text } })
      }}
    >
      <Search className="icon" aria-hidden />
      <input
        ref={field}
        value={text}
        aria-label={t`Paste a link, or search your library`}
        placeholder={t`Paste a link, or search your library`}
        onChange={(event) => setText(event.target.value)}
      />
      <kbd className="desk">Ctrl K</kbd>
    </form>
  )
}
