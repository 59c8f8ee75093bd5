import { Trans, useLingui } from '@lingui/react/macro'
import { Download } from 'lucide-react'
import { useState, type RefObject } from 'react'
import type { Near } from '../../gallery/near'
import { ReasonPill } from '../../parts/Reason'
import { formatDay } from '../../words/format'
import { downloadOf, isShown, originalOf, thumbnailOf, type Media } from './media'
import { Player } from './Player'
import { Stage, type StageHandle } from './Stage'

interface SeenProps {
  id: string
  /** What is known of it; the tile of the strip stands in until that is here. */
  media: Media | undefined
  near: Near | undefined
  stage: RefObject<StageHandle | null>
  onSwipe: (to: 'next' | 'back' | 'close') => void
}

/** The thing itself, as far as a browser can show it. */
export function Seen({ id, media, near, stage, onSwipe }: SeenProps) {
  const { t } = useLingui()
  const [broken, setBroken] = useState(false)
  const kind = media?.kind ?? near?.kind
  const revision = media?.revision ?? near?.revision ?? null
  const alt = media ? altOf(media, t`Picture`) : ''
  if (media?.original === null) return <Absent media={media} />
  if (media && kind === 'video' && !broken)
    return (
      <div className="big">
        <Player media={media} alt={alt} onBroken={() => setBroken(true)} />
      </div>
    )
  if (media && kind === 'audio')
    return (
      <div className="big">
        {/* eslint-disable-next-line jsx-a11y/media-has-caption -- what was fetched has no captions of its own */}
        <audio controls autoPlay src={originalOf(id, revision)} aria-label={alt} />
      </div>
    )
  if (revision === null) return <div className="big" aria-busy />
  const shown = kind === 'image' && media !== undefined && isShown(media.mime)
  const ratio = media?.width && media.height ? media.width / media.height : (near?.ratio ?? 1.5)
  const pictured = kind === 'image' || kind === 'video'
  return (
    <>
      {pictured && (
        <Stage
          ref={stage}
          alt={alt}
          original={shown ? originalOf(id, revision) : null}
          thumbnail={thumbnailOf(id, revision, media === undefined ? 320 : 1280)}
          thumbhash={near?.thumbhash ?? null}
          ratio={ratio}
          width={media?.width ?? null}
          bytes={media?.size ?? null}
          onSwipe={onSwipe}
        />
      )}
      {media && !shown && (
        <p className="unshown small">
          {pictured ? (
            <Trans>Browsers cannot show this kind of file. This is a picture of it.</Trans>
          ) : (
            <Trans>Browsers cannot show this kind of file.</Trans>
          )}
          <a className="btn" data-size="sm" href={downloadOf(id)} download>
            <Download className="icon" aria-hidden />
            <Trans>Download</Trans>
          </a>
        </p>
      )}
    </>
  )
}

function Absent({ media }: { media: Media }) {
  return (
    <div className="big">
      <div className="col absent">
        {media.reason !== null && <ReasonPill reason={media.reason} />}
        <h2>
          <Trans>There is no file of this</Trans>
        </h2>
        {media.detail !== null && <p className="soft">{media.detail}</p>}
      </div>
    </div>
  )
}

/** How readers name it: its caption, or whose it is and of when. */
function altOf(media: Media, otherwise: string): string {
  const text = media.description ?? media.caption
  if (text !== '') return text.slice(0, 200)
  return [media.author || otherwise, formatDay(media.shown_at)].join(', ')
}
