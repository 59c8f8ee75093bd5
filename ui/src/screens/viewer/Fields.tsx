import { Trans, useLingui } from '@lingui/react/macro'
import { CalendarClock, Pencil, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../parts/Button'
import { formatDayTime } from '../../words/format'
import type { Media, useEdit } from './media'

interface FieldProps {
  media: Media
  edit: ReturnType<typeof useEdit>
  may: boolean
}

/** One's own words on a media. */
export function Note({ media, edit, may }: FieldProps) {
  const { t } = useLingui()
  const [draft, setDraft] = useState<string | null>(null)
  if (draft === null)
    return (
      <div className="row note-row">
        <p className={media.description === null ? 'small muted grow' : 'grow'}>
          {media.description ?? <Trans>No note of yours.</Trans>}
        </p>
        {may && (
          <Button
            kind="quiet"
            size="sm"
            icon={Pencil}
            aria-label={t`Edit your note`}
            onClick={() => setDraft(media.description ?? '')}
          />
        )}
      </div>
    )
  const save = () => {
    const description = draft.trim() === '' ? null : draft.trim()
    setDraft(null)
    if (description !== media.description)
      edit.mutate({ body: { description }, guess: { description }, said: <Trans>Note saved.</Trans> })
  }
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <div className="input">
        <textarea
          rows={3}
          value={draft}
          aria-label={t`Your note`}
          ref={(field) => field?.focus()}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save()
            if (event.key === 'Escape') {
              event.stopPropagation()
              setDraft(null)
            }
          }}
        />
      </div>
      <div className="row">
        <Button submit kind="primary" size="sm">
          <Trans>Save</Trans>
        </Button>
        <Button kind="quiet" size="sm" onClick={() => setDraft(null)}>
          <Trans>Leave it</Trans>
        </Button>
      </div>
    </form>
  )
}

/** When it is shown in the gallery: as the post says, or as somebody knows better. */
export function Shown({ media, edit, may }: FieldProps) {
  const { t } = useLingui()
  const [draft, setDraft] = useState<string | null>(null)
  const moved = media.posted_at !== null && media.posted_at !== media.shown_at
  if (draft === null)
    return (
      <span className="row">
        <span className="grow">{formatDayTime(media.shown_at)}</span>
        {may && moved && (
          <Button
            kind="quiet"
            size="sm"
            icon={RotateCcw}
            aria-label={t`Give the date of the post back`}
            onClick={() =>
              edit.mutate({
                body: { date: null },
                guess: { shown_at: media.posted_at ?? media.shown_at },
                said: <Trans>The date is that of the post again.</Trans>,
              })
            }
          />
        )}
        {may && (
          <Button
            kind="quiet"
            size="sm"
            icon={CalendarClock}
            aria-label={t`Edit the date`}
            onClick={() => setDraft(media.shown_at.slice(0, 16))}
          />
        )}
      </span>
    )
  const save = () => {
    const date = `${draft}:00Z`
    setDraft(null)
    if (!Number.isNaN(Date.parse(date)) && date !== media.shown_at)
      edit.mutate({ body: { date }, guess: { shown_at: date }, said: <Trans>Date changed.</Trans> })
  }
  return (
    <form
      className="row wrap"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <div className="input">
        <input
          type="datetime-local"
          required
          value={draft}
          aria-label={t`Date, UTC`}
          onChange={(event) => setDraft(event.target.value)}
        />
      </div>
      <Button submit kind="primary" size="sm">
        <Trans>Save</Trans>
      </Button>
      <Button kind="quiet" size="sm" onClick={() => setDraft(null)}>
        <Trans>Leave it</Trans>
      </Button>
    </form>
  )
}
