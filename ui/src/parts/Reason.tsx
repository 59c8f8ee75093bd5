import { useLingui } from '@lingui/react/macro'
import { wordsOf } from '../words/reasons'

/** The pill of a reason: its sign, its word, the colour of its family. `children` replaces the word. */
export function ReasonPill({ reason, children }: { reason: string; children?: React.ReactNode }) {
  const { i18n } = useLingui()
  const words = wordsOf(reason)
  if (words === null) return <span className="reason">{children ?? reason}</span>
  const { icon: Icon, family, label, sentence } = words
  return (
    <span className="reason" data-family={family} title={i18n._(sentence)}>
      <Icon className="icon" aria-hidden />
      {children ?? i18n._(label)}
    </span>
  )
}
