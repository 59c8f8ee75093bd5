import { Trans, useLingui } from '@lingui/react/macro'
import { Check } from 'lucide-react'

/** Where one is on the way in. */
export function Steps({ at }: { at: 1 | 2 | 3 }) {
  const { t } = useLingui()
  const names = [
    <Trans key="you">You</Trans>,
    <Trans key="library">Your library</Trans>,
    <Trans key="link">First link</Trans>,
  ]
  return (
    <ol className="steps" aria-label={t`Steps`}>
      {names.map((name, index) => {
        const done = index + 1 < at
        return (
          <li
            key={index}
            aria-current={index + 1 === at ? 'step' : undefined}
            data-done={done ? '' : undefined}
          >
            <b>{done ? <Check className="icon" aria-label={t`done`} /> : index + 1}</b>
            {name}
          </li>
        )
      })}
    </ol>
  )
}
