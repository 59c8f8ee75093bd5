import { Link } from '@tanstack/react-router'
import { useLingui } from '@lingui/react/macro'
import { Play } from 'lucide-react'
import { Picture } from '../../parts/Picture'
import { thumbnailOf } from './media'
import type { Strip } from './strip'

const BEFORE = 7
const BEHIND = 9

/** The pictures round the one that is seen. */
export function Film({ strip: { items, at }, q }: { strip: Strip; q: string }) {
  const { t } = useLingui()
  if (at < 0 || items.length < 2) return <div className="film desk" />
  const first = Math.max(0, at - BEFORE)
  const nameOf = (kind: string, number: number) =>
    kind === 'video' ? t`Video ${number}` : t`Picture ${number}`
  return (
    <nav className="film desk" aria-label={t`Beside this`}>
      {items.slice(first, at + BEHIND).map((item, place) => (
        <Link
          key={item.id}
          to="/media/$media"
          params={{ media: item.id }}
          search={(old) => ({ ...old, q: q || undefined })}
          replace
          tabIndex={-1}
          aria-label={nameOf(item.kind, place + first + 1)}
          aria-current={item.id === items[at]?.id ? 'true' : undefined}
        >
          <Picture
            src={item.revision === null ? null : thumbnailOf(item.id, item.revision, 320)}
            alt=""
            thumbhash={item.thumbhash}
          >
            {item.kind === 'video' && <Play className="icon play" aria-hidden />}
          </Picture>
        </Link>
      ))}
    </nav>
  )
}
