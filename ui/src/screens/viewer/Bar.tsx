import { useLingui } from '@lingui/react/macro'
import { ArrowLeft, Download, Heart, Info, Tag, Trash2, ZoomIn } from 'lucide-react'
import { Button } from '../../parts/Button'
import { formatDay, formatTime } from '../../words/format'
import { downloadOf, type Media } from './media'

interface BarProps {
  media: Media
  may: boolean
  infoOpen: boolean
  onClose: () => void
  onFavourite: () => void
  onInfo: () => void
  onTag: () => void
  onTrash: () => void
  onZoom: () => void
}

/** Above the picture: when it was, and what can be done with it. */
export function Bar({
  media,
  may,
  infoOpen,
  onClose,
  onFavourite,
  onInfo,
  onTag,
  onTrash,
  onZoom,
}: BarProps) {
  const { t, i18n } = useLingui()
  const day = new Intl.DateTimeFormat(i18n.locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
  return (
    <header className="vtop">
      <Button icon={ArrowLeft} aria-label={t`Back`} aria-keyshortcuts="Escape" onClick={onClose} />
      <h1 className="cut when">
        <span className="phone">{formatDay(media.shown_at)}</span>
        <span className="desk">
          {day.format(new Date(media.shown_at))} · {formatTime(media.shown_at)}
        </span>
      </h1>
      <span className="end" />
      {media.kind === 'image' && (
        <span className="desk">
          <Button icon={ZoomIn} aria-label={t`Come closer`} aria-keyshortcuts="+" onClick={onZoom} />
        </span>
      )}
      {media.original !== null && (
        <a
          className="btn"
          data-icon=""
          href={downloadOf(media.id)}
          download
          aria-label={t`Download`}
          title={t`Download`}
          aria-keyshortcuts="D"
        >
          <Download className="icon" aria-hidden />
        </a>
      )}
      {may && (
        <>
          <Button
            icon={Heart}
            aria-label={t`Favourite`}
            aria-keyshortcuts="F"
            aria-pressed={media.favourite}
            onClick={onFavourite}
          />
          <Button icon={Tag} aria-label={t`Tag`} aria-keyshortcuts="T" onClick={onTag} />
          {media.state === 'stored' && (
            <Button icon={Trash2} aria-label={t`Delete`} aria-keyshortcuts="Delete" onClick={onTrash} />
          )}
        </>
      )}
      <Button
        icon={Info}
        aria-label={t`About this`}
        aria-keyshortcuts="I"
        aria-pressed={infoOpen}
        onClick={onInfo}
      />
    </header>
  )
}
