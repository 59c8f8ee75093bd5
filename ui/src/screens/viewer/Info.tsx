import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Check, ExternalLink, Ghost, SquareStack } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { Caption } from '../../parts/Caption'
import { PlatformSign } from '../../parts/Platform'
import {
  formatAgo,
  formatBytes,
  formatDay,
  formatDayTime,
  formatDuration,
  formatNumber,
} from '../../words/format'
import { platformOf } from '../../words/platforms'
import { write } from '../../words/query'
import { Note, Shown } from './Fields'
import { type Media, useEdit } from './media'
import { Tags } from './Tags'

interface InfoProps {
  media: Media
  may: boolean
  tagField: RefObject<HTMLInputElement | null>
}

/** All that is known of a media, beside it. */
export function Info({ media, may, tagField }: InfoProps) {
  const { t } = useLingui()
  const edit = useEdit(media)
  const { whole_post: post } = media
  const name = platformOf(media.platform).name
  const place = post.media_ids.indexOf(media.id) + 1
  const all = post.media_ids.length
  const posted = media.posted_at && formatDay(media.posted_at)
  return (
    <>
      <section>
        <div className="row who">
          <PlatformSign platform={media.platform} size="lg" />
          <div className="grow">
            {media.author === '' ? (
              <div className="strong cut">{media.host || name}</div>
            ) : (
              <Link className="strong cut" to="/library" search={{ q: write('author', [media.author]) }}>
                {media.author}
              </Link>
            )}
            <div className="small muted">{posted ? t`${name}, posted ${posted}` : name}</div>
          </div>
        </div>
        {post.gone_since !== null && (
          <p className="kept small">
            <Trans>
              <b className="strong">Kept here.</b> Gone at source.
            </Trans>
          </p>
        )}
        {media.caption !== '' && <Caption text={media.caption} />}
        {post.links.length > 0 && (
          <ul className="links small">
            {post.links.map((link) => (
              <li key={link}>
                <a className="link cut" href={link} target="_blank" rel="noreferrer noopener">
                  {link.replace(/^https?:\/\//, '')}
                </a>
              </li>
            ))}
          </ul>
        )}
        <Link className="link small row" to="/posts/$post" params={{ post: media.post_id }}>
          <SquareStack className="icon" aria-hidden />
          {all > 1 ? (
            <Trans>
              {place} of {all} in this post
            </Trans>
          ) : (
            <Trans>The post</Trans>
          )}
        </Link>
      </section>
      <section>
        <h4>
          <Trans>Tags</Trans>
        </h4>
        <Tags media={media} edit={edit} may={may} field={tagField} />
      </section>
      <section>
        <h4>
          <Trans>Your note</Trans>
        </h4>
        <Note media={media} edit={edit} may={may} />
      </section>
      <section>
        <h4>
          <Trans>Where it came from</Trans>
        </h4>
        <ul className="col came">
          {media.provenances.map((one) => (
            <Came key={one.id} one={one} media={media} />
          ))}
        </ul>
        <a className="link small row" href={post.url} target="_blank" rel="noreferrer noopener">
          <ExternalLink className="icon" aria-hidden />
          <Trans>Open the original</Trans>
        </a>
      </section>
      <section>
        <h4>
          <Trans>File</Trans>
        </h4>
        <dl className="kv left">
          <Fact name={t`Shown at`}>
            <Shown media={media} edit={edit} may={may} />
          </Fact>
          <Fact name={t`Stored`}>{media.added_at && formatDayTime(media.added_at)}</Fact>
          <Fact name={t`Name`}>
            {media.path && (
              <span className="mono cut" title={media.path}>
                {media.path.split('/').at(-1)}
              </span>
            )}
          </Fact>
          <Fact name={media.kind === 'video' ? t`Video` : media.kind === 'image' ? t`Picture` : t`Content`}>
            {contentOf(media)}
          </Fact>
          <Fact name={t`Camera`}>{media.facts?.camera}</Fact>
          <Fact name={t`Taken`}>{media.facts?.taken?.replace('T', ' ')}</Fact>
          <Fact name={t`Checksum`}>
            {media.sha256 && (
              <span className="mono cut" title={media.sha256}>
                {media.sha256.slice(0, 16)}
              </span>
            )}
          </Fact>
        </dl>
      </section>
    </>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === '') return null
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function contentOf({ width, height, mime, size, duration, facts }: Media): string {
  const codec = [facts?.video_codec, facts?.audio_codec].filter(Boolean).join(' + ')
  return [
    width && height ? `${width} × ${height}` : '',
    duration === null ? '' : formatDuration(duration),
    codec === '' ? (mime?.split('/')[1] ?? '').toUpperCase() : codec,
    facts?.frame_rate ? `${formatNumber(Math.round(facts.frame_rate))} fps` : '',
    size === null ? '' : formatBytes(size),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** One of the places that the bytes came from, and whether it is still there. */
function Came({ one, media }: { one: Media['provenances'][number]; media: Media }) {
  const { name } = platformOf(one.platform)
  const own = one.id === media.id
  const stored = media.added_at && formatAgo(media.added_at)
  return (
    <li className="row small">
      <PlatformSign platform={one.platform} named />
      <Link className="grow" to="/posts/$post" params={{ post: one.post_id }}>
        <span className="cut">{one.author === '' ? name : `${name}, ${one.author}`}</span>
        <span className="muted">
          {own ? stored !== null && <Trans>stored {stored}</Trans> : <Trans>same bytes, stored once</Trans>}
        </span>
      </Link>
      {one.gone_since === null ? (
        <span className="reason" data-family="ok">
          <Check className="icon" aria-hidden />
          <Trans>still there</Trans>
        </span>
      ) : (
        <span className="reason">
          <Ghost className="icon" aria-hidden />
          <Trans>gone there, kept here</Trans>
        </span>
      )}
    </li>
  )
}
