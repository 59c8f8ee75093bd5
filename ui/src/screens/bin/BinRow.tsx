import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Undo2 } from 'lucide-react'
import type { Schemas } from '../../api/client'
import { useMe } from '../../api/me'
import { Button } from '../../parts/Button'
import { Check } from '../../parts/Check'
import { Picture } from '../../parts/Picture'
import { PlatformSign } from '../../parts/Platform'
import { formatBytes, formatDay, formatMoment } from '../../words/format'
import { platformOf } from '../../words/platforms'

const SOON = 7

interface BinRowProps {
  item: Schemas['BinItem']
  days: number
  purged: boolean
  may: boolean
  selected: boolean
  onSelect: (on: boolean, far: boolean) => void
  onRestore: () => void
  onAllow: () => void
}

export function BinRow({ item, days, purged, may, selected, onSelect, onRestore, onAllow }: BinRowProps) {
  const { t } = useLingui()
  const me = useMe()
  const { media } = item
  const whose = media.author || platformOf(media.platform).name
  const title = media.caption || [whose, formatDay(media.shown_at)].join(', ')
  const by = item.by === null ? null : item.by === me.name ? t`You` : item.by
  return (
    <tr aria-selected={selected}>
      <td className="pick">
        <Check
          checked={selected}
          label={t`Select ${title}`}
          onChange={(on, event) => onSelect(on, event.shiftKey)}
        />
      </td>
      <td>
        <div className="row what">
          {media.thumbnail === null ? (
            <PlatformSign platform={media.platform} size="lg" />
          ) : (
            <Link
              to="/media/$media"
              params={{ media: media.id }}
              search={{ q: 'state:trashed' }}
              tabIndex={-1}
              aria-hidden
            >
              <Picture src={media.thumbnail} alt="" />
            </Link>
          )}
          <div className="grow">
            <Link
              className="strong cut"
              to="/media/$media"
              params={{ media: media.id }}
              search={purged ? {} : { q: 'state:trashed' }}
            >
              {title}
            </Link>
            <div className="small muted cut">
              {[item.why, media.caption === '' ? '' : whose, platformOf(media.platform).name]
                .filter(Boolean)
                .join(' · ')}
            </div>
          </div>
        </div>
      </td>
      <td className="desk">{by ?? <span className="muted">{t`not known`}</span>}</td>
      <td className="desk soft nowrap">{item.trashed_at && formatMoment(item.trashed_at)}</td>
      <td className="num desk soft nowrap">
        {item.bytes > 0 ? (
          formatBytes(item.bytes)
        ) : purged ? (
          ''
        ) : (
          <span title={t`Others have the same file`}>–</span>
        )}
      </td>
      {!purged && (
        <td className="left">
          <Left left={item.days_left} days={days} />
        </td>
      )}
      <td>
        {may && (
          <span className="row acts">
            {purged ? (
              <Button
                kind="soft"
                size="sm"
                icon={Undo2}
                aria-label={t`Allow again: ${title}`}
                onClick={onAllow}
              >
                <Trans>Allow again</Trans>
              </Button>
            ) : (
              <Button kind="soft" size="sm" icon={Undo2} aria-label={t`Restore ${title}`} onClick={onRestore}>
                <Trans>Restore</Trans>
              </Button>
            )}
          </span>
        )}
      </td>
    </tr>
  )
}

function Left({ left, days }: { left: number | null; days: number }) {
  if (left === null)
    return (
      <span className="small muted">
        <Trans>stays</Trans>
      </span>
    )
  const part = days > 0 ? Math.min(100, (left / days) * 100) : 100
  return (
    <div className="row days">
      <span className="bar grow desk" data-tone={left <= SOON ? 'you' : 'accent'} style={{ '--p': part }}>
        <i />
      </span>
      <span className="small nowrap">
        <Plural value={left} one="# day" other="# days" />
      </span>
    </div>
  )
}
