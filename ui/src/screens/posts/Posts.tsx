import './posts.css'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Ghost, Images, Play } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { Empty } from '../../parts/Empty'
import { Picture } from '../../parts/Picture'
import { PlatformSign } from '../../parts/Platform'
import { Trouble } from '../../parts/Trouble'
import { LibraryTabs } from '../../shell/Tabs'
import { formatMoment, formatNumber } from '../../words/format'
import { platformOf } from '../../words/platforms'

const PAGE = 40
const route = getRouteApi('/inside/library/posts')

/** The posts of the library, the latest that came first. */
export function Posts() {
  const { platform } = route.useSearch()
  const { t } = useLingui()
  const navigate = useNavigate()
  const facets = useQuery({
    queryKey: ['media-facets', ''],
    queryFn: () => take(api.GET('/api/v1/media/facets')),
    staleTime: 60_000,
  })
  const posts = useInfiniteQuery({
    queryKey: ['posts', platform],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/posts', {
          params: {
            query: { limit: PAGE, ...(platform && { platform }), ...(pageParam && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  })
  const items = posts.data?.pages.flatMap((page) => page.items) ?? []
  const show = (next: string | undefined) =>
    void navigate({ to: '/library/posts', search: { platform: next } })
  const platforms = facets.data?.platform ?? []
  return (
    <>
      <LibraryTabs />
      {platforms.length > 1 && (
        <div className="tools post-tools" role="group" aria-label={t`Platform`}>
          <button
            type="button"
            className="chip"
            aria-pressed={platform === undefined}
            onClick={() => show(undefined)}
          >
            <Trans>All platforms</Trans>
          </button>
          {platforms.map((one) => (
            <button
              key={one.value}
              type="button"
              className="chip"
              aria-pressed={platform === one.value}
              onClick={() => show(one.value)}
            >
              {platformOf(one.value).name}
            </button>
          ))}
        </div>
      )}
      <div className="body">
        {posts.isError && <Trouble error={posts.error} onRetry={() => void posts.refetch()} />}
        {posts.isPending && (
          <div className="posts" aria-busy>
            {Array.from({ length: 12 }, (_, index) => (
              <div key={index} className="skeleton late" />
            ))}
          </div>
        )}
        {posts.isSuccess && items.length === 0 && (
          <Empty
            title={
              platform === undefined ? <Trans>No posts yet</Trans> : <Trans>No posts of this platform</Trans>
            }
            action={
              platform === undefined ? (
                <Link className="btn" data-kind="primary" to="/following">
                  <Trans>Follow somebody</Trans>
                </Link>
              ) : (
                <Button kind="primary" onClick={() => show(undefined)}>
                  <Trans>Show all platforms</Trans>
                </Button>
              )
            }
          >
            <Trans>What authors published together stands here together. Paste any link above.</Trans>
          </Empty>
        )}
        {items.length > 0 && (
          <p className="small muted order">
            <Trans>Sorted by when they came into your library, latest first.</Trans>
          </p>
        )}
        <ul className="posts">
          {items.map((post) => (
            <PostCard key={post.id} post={post} />
          ))}
        </ul>
        {posts.hasNextPage && (
          <More
            busy={posts.isFetchingNextPage}
            count={items.length}
            onMore={() => void posts.fetchNextPage()}
          />
        )}
      </div>
    </>
  )
}

function PostCard({ post }: { post: Schemas['ListedPost'] }) {
  const { name } = platformOf(post.platform)
  const more = post.media.length - post.covers.length
  const [first] = post.covers
  const author = post.author || name
  return (
    <li className="post-card">
      <Link to="/posts/$post" params={{ post: post.id }}>
        <span className="quad" data-count={Math.min(post.covers.length, 4)}>
          {post.covers.map((cover) => (
            <Picture key={cover.id} src={cover.thumbnail} thumbhash={cover.thumbhash} alt="">
              {cover.kind === 'video' && (
                <span className="tag br">
                  <Play className="icon" aria-hidden />
                </span>
              )}
            </Picture>
          ))}
          {first === undefined && <span className="none" />}
          {post.media.length > 1 && (
            <span className="tag tr photo-tag" aria-hidden>
              <Images className="icon" aria-hidden />
              {formatNumber(post.media.length)}
            </span>
          )}
        </span>
        <span className="in">
          <span className="row">
            <PlatformSign platform={post.platform} named />
            <span className="strong cut grow">{author}</span>
            <span className="tiny muted nowrap">{post.posted_at && formatMoment(post.posted_at)}</span>
          </span>
          <span className="small soft words">{post.caption}</span>
          {post.gone_since !== null && (
            <span className="tiny kept row">
              <Ghost className="icon" aria-hidden />
              <Trans>Kept here. Gone at source.</Trans>
            </span>
          )}
          {more > 0 && first === undefined && (
            <span className="tiny muted">
              <Plural value={more} one="# media, not stored" other="# media, none stored" />
            </span>
          )}
        </span>
      </Link>
    </li>
  )
}

/** The end of the list: what is behind it comes when it is seen, or by the button. */
function More({ busy, count, onMore }: { busy: boolean; count: number; onMore: () => void }) {
  const place = useRef<HTMLDivElement>(null)
  const more = useRef(onMore)
  useEffect(() => {
    more.current = onMore
  })
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && more.current(), {
      rootMargin: '800px',
    })
    if (place.current) seen.observe(place.current)
    return () => seen.disconnect()
  }, [count])
  return (
    <div ref={place} className="more-posts">
      <Button kind="soft" busy={busy} onClick={onMore}>
        <Trans>More posts</Trans>
      </Button>
    </div>
  )
}
