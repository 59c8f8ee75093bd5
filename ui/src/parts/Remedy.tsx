import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { wordsOf } from '../words/reasons'
import { remedyOf } from '../words/remedies'

interface RemedyProps {
  reason: string | null
  platform: string
  size?: 'sm'
}

/** Leads to where a reason is settled; nothing where nobody can settle it. */
export function RemedyLink({ reason, platform, size }: RemedyProps) {
  const { i18n } = useLingui()
  const remedy = remedyOf(reason, platform)
  if (remedy === null) return null
  const { label, ...place } = remedy
  const kind = wordsOf(reason)?.family === 'you' ? 'you' : 'soft'
  return (
    <Link className="btn" data-kind={kind} data-size={size} {...place}>
      {i18n._(label)}
    </Link>
  )
}
