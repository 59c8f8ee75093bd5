import './posts.css'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import {
  ChevronLeft,
  ChevronRight,
  ExternalLink,
  Heart,
  Maximize2,
  Play,
  ShieldCheck,
  Tag,
} from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Caption } from '../../parts/Caption'
import { Picture } from '../../parts/Picture'
import { ground } from '../../parts/placeholder'
import { PlatformSign } from '../../parts/Platform'
import { Popover } from '../../parts/Popover'
import { ReasonPill } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { useKeys } from '../../shell/keys'
import { LibraryTabs } from '../../shell/Tabs'
import { decide } from '../../shell/undo'
import { formatAgo, formatBytes, formatDayTime, formatDuration, formatNumber } from '../../words/format'
import { platformOf } from '../../words/platforms'
import { write } from '../../words/query'
import { compared } from './diff'

const route = getRouteApi('/inside/posts/$post')
type Whole = Schemas['WholePost']
type Media = Schemas['MediaItem']

/** A post as its author published it: all its media together, its words and how they changed. */
export function Post() {
  const { post: id } = route.useParams()
  const found = useQuery({
    queryKey: ['post', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/posts/{post_id}', { params: { path: { post_id: Number(id) } }, signal })),
  })
  return (
    <>
      <LibraryTabs />
      <div className="body">
        {found.isError && <Trouble error={found.error} onRetry={() => void found.refetch()} />}
        {found.isPending && (
          <div className="post" aria-busy>
            <div className="slide skeleton late" />
          </div>
        )}
        {found.data && <Shown key={id} post={found.data} />}
      </div>
    </>
  )
}

function Shown({ post }: { post: Whole }) {
  const { at = 1 } = route.useSearch()
  const navigate = useNavigate()
  const count = post.items.length
  const place = Math.min(Math.max(1, at), Math.max(1, count))
  const go = (to: number) => {
    if (to >= 1 && to <= count)
      void navigate({
        to: '/posts/$post',
        params: { post: post.id },
        search: { at: to === 1 ? undefined : to },
        replace: true,
      })
  }
  useKeys({ ArrowLeft: () => go(place - 1), ArrowRight: () => go(place + 1) })
  return (
    <article className="post">
      <Carousel post={post} place={place} onGo={go} />
      <Words post={post} />
    </article>
  )
}

function Carousel({ post, place, onGo }: { post: Whole; place: number; onGo: (to: number) => void }) {
  const { t } = useLingui()
  const count = post.items.length
  const media = post.items[place - 1]
  const start = useRef(0)
  if (media === undefined)
    return (
      <div className="slide">
        <p className="soft">
          <Trans>This post has words only.</Trans>
        </p>
      </div>
    )
  return (
    <div className="carousel">
      <div
        className="slide"
        onPointerDown={(event) => {
          start.current = event.clientX
        }}
        onPointerUp={(event) => {
          const moved = event.clientX - start.current
          if (event.pointerType !== 'mouse' && Math.abs(moved) > 50) onGo(place + (moved < 0 ? 1 : -1))
        }}
      >
        <Slide media={media} />
        {count > 1 && (
          <span className="place">
            <Trans>
              {place} of {count}
            </Trans>
          </span>
        )}
        {place > 1 && (
          <button
            type="button"
            className="navbtn"
            data-side="left"
            aria-label={t`Before`}
            onClick={() => onGo(place - 1)}
          >
            <ChevronLeft className="icon" aria-hidden />
          </button>
        )}
        {place < count && (
          <button
            type="button"
            className="navbtn"
            data-side="right"
            aria-label={t`Next`}
            onClick={() => onGo(place + 1)}
          >
            <ChevronRight className="icon" aria-hidden />
          </button>
        )}
      </div>
      {count > 1 && (
        <ul className="thumbs">
          {post.items.map((item, index) => {
            const number = index + 1
            return (
              <li key={item.id}>
                <button
                  type="button"
                  aria-label={t`${number} of ${count}`}
                  aria-current={number === place}
                  onClick={() => onGo(number)}
                >
                  <Picture src={item.thumbnail} thumbhash={item.thumbhash} alt="">
                    {item.kind === 'video' && (
                      <span className="tag br">
                        <Play className="icon" aria-hidden />
                        {item.duration === null ? '' : formatDuration(item.duration)}
                      </span>
                    )}
                  </Picture>
                </button>
              </li>
            )
          })}
        </ul>
      )}
    </div>
  )
}

function Slide({ media }: { media: Media }) {
  const { t } = useLingui()
  if (media.thumbnail === null)
    return (
      <div className="col absent">
        {media.reason !== null && <ReasonPill reason={media.reason} />}
        <p>
          <Trans>There is no file of this one.</Trans>
        </p>
        {media.detail !== null && <p className="small soft">{media.detail}</p>}
      </div>
    )
  const ratio = media.width && media.height ? `${media.width} / ${media.height}` : undefined
  return (
    <Link className="open" to="/media/$media" params={{ media: media.id }} aria-label={t`Open large`}>
      <img
        key={media.id}
        src={`${media.thumbnail}&size=1280`}
        alt={media.caption}
        style={{ aspectRatio: ratio, ...(media.thumbhash === null ? null : ground(media.thumbhash)) }}
        draggable={false}
        onLoad={({ currentTarget }) => (currentTarget.style.background = 'none')}
      />
      {media.kind === 'video' ? (
        <Play className="icon sign" aria-hidden />
      ) : (
        <Maximize2 className="icon corner" aria-hidden />
      )}
    </Link>
  )
}

function Words({ post }: { post: Whole }) {
  const { name } = platformOf(post.platform)
  const posted = post.posted_at && formatDayTime(post.posted_at)
  const gone = post.gone_since && formatAgo(post.gone_since)
  const stored = post.items.filter((item) => item.state === 'stored')
  const bytes = formatBytes(stored.reduce((sum, item) => sum + (item.size ?? 0), 0))
  const files = stored.length
  const all = post.items.length
  const day = (post.posted_at ?? '').slice(0, 10)
  return (
    <div className="col words">
      <header className="row">
        <PlatformSign platform={post.platform} size="lg" />
        <div className="grow">
          <h1 className="cut">{post.author || post.host || name}</h1>
          <div className="small muted">{[name, posted].filter(Boolean).join(' · ')}</div>
        </div>
      </header>
      {post.gone_since !== null && (
        <div className="note kept-note">
          <ShieldCheck className="icon" aria-hidden />
          <div className="grow small">
            <b className="strong">
              <Trans>Kept here. Gone at source.</Trans>
            </b>{' '}
            <Trans>
              Noticed {gone}. {files} of {all} are stored.
            </Trans>
          </div>
        </div>
      )}
      {post.caption !== '' && <Caption text={post.caption} />}
      {post.earlier.length > 0 && <Earlier post={post} />}
      <hr className="divider" />
      <dl className="kv left">
        <dt>
          <Trans>Files</Trans>
        </dt>
        <dd>
          <Kinds items={stored} /> · {bytes}
        </dd>
        {post.links.length > 0 && (
          <>
            <dt>
              <Trans>Links</Trans>
            </dt>
            <dd>
              {post.links.map((link) => (
                <a key={link} className="link cut" href={link} target="_blank" rel="noreferrer noopener">
                  {link.replace(/^https?:\/\//, '')}
                </a>
              ))}
            </dd>
          </>
        )}
        <dt>
          <Trans>Seen first</Trans>
        </dt>
        <dd>{formatDayTime(post.seen_at)}</dd>
        <dt>
          <Trans>In search</Trans>
        </dt>
        <dd className="row wrap">
          {post.author !== '' && (
            <Link className="link" to="/library" search={{ q: write('author', [post.author]) }}>
              <Trans>more of this author</Trans>
            </Link>
          )}
          {day !== '' && (
            <Link className="link" to="/library" search={{ q: `date:${day}` }}>
              <Trans>same day</Trans>
            </Link>
          )}
        </dd>
      </dl>
      <Verbs post={post} stored={stored} />
    </div>
  )
}

function Kinds({ items }: { items: readonly Media[] }) {
  const videos = items.filter((item) => item.kind === 'video').length
  const pictures = items.filter((item) => item.kind === 'image').length
  const others = items.length - videos - pictures
  return (
    <>
      {[
        pictures > 0 && <Plural key="p" value={pictures} one="# picture" other="# pictures" />,
        videos > 0 && <Plural key="v" value={videos} one="# video" other="# videos" />,
        (others > 0 || items.length === 0) && <Plural key="o" value={others} one="# file" other="# files" />,
      ]
        .filter(Boolean)
        .flatMap((one, index) => (index ? [', ', one] : [one]))}
    </>
  )
}

/** How it read before its author changed it. */
function Earlier({ post }: { post: Whole }) {
  const versions = [...post.earlier].sort((a, b) => a.number - b.number)
  return (
    <details className="small earlier" open={versions.length === 1}>
      <summary className="soft strong">
        <Plural value={versions.length} one="Edited once" other="Edited # times" />
      </summary>
      <ol className="col">
        {versions.map((version, index) => {
          const next = versions[index + 1]?.caption ?? post.caption
          const medias = versions[index + 1]?.media ?? post.media
          const lost = version.media.filter((one) => !medias.includes(one)).length
          const gained = medias.filter((one) => !version.media.includes(one)).length
          return (
            <li key={version.number}>
              <div className="muted">{formatDayTime(version.until)}</div>
              {version.caption !== next && (
                <p>
                  {compared(version.caption, next).map((piece, at) =>
                    piece.change === 'same' ? (
                      <span key={at}>{piece.text}</span>
                    ) : piece.change === 'gone' ? (
                      <del key={at}>{piece.text}</del>
                    ) : (
                      <ins key={at}>{piece.text}</ins>
                    ),
                  )}
                </p>
              )}
              {lost > 0 && (
                <p>
                  <Plural
                    value={lost}
                    one="# media taken out; kept here"
                    other="# media taken out; kept here"
                  />
                </p>
              )}
              {gained > 0 && (
                <p>
                  <Plural value={gained} one="# media added" other="# media added" />
                </p>
              )}
            </li>
          )
        })}
      </ol>
    </details>
  )
}

function Verbs({ post, stored }: { post: Whole; stored: readonly Media[] }) {
  const { t } = useLingui()
  const may = useMay('library:write')
  const queries = useQueryClient()
  const panel = useRef<HTMLDivElement>(null)
  const [tag, setTag] = useState('')
  const ids = useMemo(() => stored.map((item) => Number(item.id)), [stored])
  const count = formatNumber(ids.length)
  const liked = stored.length > 0 && stored.every((item) => item.favourite)
  const edit = async (action: { favourite?: boolean; tags_add?: string[] }, said: React.ReactNode) => {
    const body = {
      ids,
      action: { kind: 'edit' as const, shift_date: 0, tags_add: [], tags_remove: [], ...action },
      preview: false,
    }
    await decide(said, take(api.POST('/api/v1/media/batch', { body })))
    await queries.invalidateQueries({ queryKey: ['post', post.id] })
  }
  return (
    <div className="row wrap verbs">
      <a className="btn" href={post.url} target="_blank" rel="noreferrer noopener">
        <ExternalLink className="icon" aria-hidden />
        <Trans>Open original</Trans>
      </a>
      {may && ids.length > 0 && (
        <>
          <Button
            icon={Heart}
            aria-pressed={liked}
            onClick={() =>
              void edit(
                { favourite: !liked },
                liked ? <Trans>No favourites any more.</Trans> : <Trans>Added to favourites.</Trans>,
              )
            }
          >
            <Trans>Favourite</Trans>
          </Button>
          <Popover
            ref={panel}
            label={t`Tag all`}
            align="start"
            className="menu"
            trigger={(anchor) => (
              <button {...anchor} type="button" className="btn">
                <Tag className="icon" aria-hidden />
                <Plural value={ids.length} one="Tag it" other="Tag all #" />
              </button>
            )}
          >
            <form
              className="row tag-form"
              onSubmit={(event) => {
                event.preventDefault()
                const word = tag.trim()
                if (word === '') return
                setTag('')
                panel.current?.hidePopover()
                void edit(
                  { tags_add: [word] },
                  <Trans>
                    {count} tagged “{word}”.
                  </Trans>,
                )
              }}
            >
              <div className="input">
                <input
                  value={tag}
                  maxLength={100}
                  aria-label={t`Tag`}
                  placeholder={t`Tag`}
                  onChange={(event) => setTag(event.target.value)}
                />
              </div>
              <Button submit kind="primary">
                <Trans>Add</Trans>
              </Button>
            </form>
          </Popover>
        </>
      )}
    </div>
  )
}
