import { useLingui } from '@lingui/react/macro'
import { CircleHelp } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { wordsOf } from '../words/reasons'
import { cx } from './cx'
import { Popover } from './Popover'
import { RemedyLink } from './Remedy'

/** The pill of a reason: its sign, its word, the colour of its family. `children` replaces the word. */
export function ReasonPill({ reason, children }: { reason: string; children?: ReactNode }) {
  const { i18n } = useLingui()
  const words = wordsOf(reason)
  if (words === null)
    return (
      <span className="reason" data-family="stuck">
        {children ?? reason}
      </span>
    )
  const { icon: Icon, family, label, sentence } = words
  return (
    <span className="reason" data-family={family} title={i18n._(sentence)}>
      <Icon className="icon" aria-hidden />
      {children ?? i18n._(label)}
    </span>
  )
}

interface CardProps {
  reason: string
  platform: string
  /** What was said of this very case. */
  detail?: string | null
  /** What was tried when, and where more stands. */
  story?: ReactNode
  /** What helps here, in place of what helps against the reason in general. */
  act?: ReactNode
  children?: ReactNode
}

/** The pill of a reason that opens a card: what it means, what was tried, and what helps. Not within links. */
export function ReasonCard({ reason, platform, detail = null, story, act, children }: CardProps) {
  const { t, i18n } = useLingui()
  const [open, setOpen] = useState(false)
  const words = wordsOf(reason)
  const Icon = words?.icon ?? CircleHelp
  const label = children ?? (words === null ? reason : i18n._(words.label))
  return (
    <Popover
      label={t`Why, and what helps`}
      align="start"
      className="reason-card"
      onToggle={setOpen}
      trigger={(anchor) => (
        <button {...anchor} type="button" className="reason" data-family={words?.family ?? 'stuck'}>
          <Icon className="icon" aria-hidden />
          {label}
        </button>
      )}
    >
      {open && (
        <>
          <p className={cx('strong', words === null && children === undefined && 'mono')}>
            {words === null ? label : i18n._(words.sentence)}
          </p>
          {detail !== null && <p className="soft">{detail}</p>}
          {story}
          <div className="row wrap">
            {act ?? <RemedyLink reason={reason} platform={platform} size="sm" />}
          </div>
        </>
      )}
    </Popover>
  )
}
