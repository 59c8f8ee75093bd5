import { useRef } from 'react'
import { CopyButton } from './CopyButton'
import './factors.css'

/** A secret that is shown this once, with the button that copies it. */
export function Once({ label, secret }: { label: string; secret: string }) {
  const shown = useRef<HTMLElement>(null)
  return (
    <div className="once row">
      <code ref={shown} className="mono grow" aria-label={label}>
        {secret}
      </code>
      <CopyButton text={secret} shown={shown} />
    </div>
  )
}
