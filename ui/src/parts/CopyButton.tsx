import { Trans } from '@lingui/react/macro'
import { Copy } from 'lucide-react'
import { useState, type RefObject } from 'react'
import { Button } from './Button'

interface CopyButtonProps {
  text: string
  /** Where the text stands: it is selected there if the page may not copy, as over plain HTTP. */
  shown: RefObject<HTMLElement | null>
}

/** Copies a text, or leaves only the key to be pressed. */
export function CopyButton({ text, shown }: CopyButtonProps) {
  const [state, setState] = useState<'copied' | 'selected' | null>(null)
  const select = () => {
    if (shown.current) getSelection()?.selectAllChildren(shown.current)
    setState('selected')
  }
  const copy = () => {
    if (!('clipboard' in navigator)) select()
    else void navigator.clipboard.writeText(text).then(() => setState('copied'), select)
  }
  return (
    <>
      <Button icon={Copy} onClick={copy}>
        <Said state={state} />
      </Button>
      <span className="vh" role="status">
        {state !== null && <Said state={state} />}
      </span>
    </>
  )
}

function Said({ state }: { state: 'copied' | 'selected' | null }) {
  if (state === 'copied') return <Trans>Copied</Trans>
  if (state === 'selected') return <Trans>Selected: press Ctrl C</Trans>
  return <Trans>Copy</Trans>
}
