/** How a subscription does: its health in words, what it has brought, when it is looked at next. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ExternalLink, Images, Pause, Play, RotateCw, UserRoundMinus } from 'lucide-react'
import { nameOf } from '../../words/jobs'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { useNow } from '../../parts/Job'
import { Picture } from '../../parts/Picture'
import { ReasonPill } from '../../parts/Reason'
import { formatAgo, formatBytes, formatDayTime, formatNumber } from '../../words/format'
import { wordsOf } from '../../words/reasons'
import { checkNow, pause, resume, unfollow } from './acts'
import { broughtQuery, standingOf, useChecking, useNewest } from './data'
import type { Subscription } from './schedule'
import { partOf, Remedy, StandingPill, useBackfillWords } from './Standing'
import { Weeks } from './Table'
import { formatDue, scheduleWords } from './words'

// eslint-disable-next-line lingui/no-unlocalized-strings -- a search, as it stands in the address
const searchOf = (id: number, reason: string) => `source:${id} state:failed,skipped,trashed reason:${reason}`

export function Overview({ one, onGone }: { one: Subscription; onGone: () => void }) {
  const { t, i18n } = useLingui()
  const may = useMay('following:write')
  const now = useNow(30_000)
  const { data: brought, isPending } = useQuery(broughtQuery(one.id))
  const standing = standingOf(one, useChecking())
  const posts = one.brought?.posts ?? brought?.posts
  const backfill = useBackfillWords(one, posts)
  const words = standing.state === 'reason' ? wordsOf(standing.reason) : null
  const part = partOf(one, posts)
  const reasons = Object.entries(one.brought?.reasons ?? {}).sort((a, b) => b[1] - a[1])
  const [checked, synced] = [one.checked_at, one.synced_at].map((at) =>
    at === null ? null : formatAgo(at, now),
  )
  const newest = useNewest()?.get(one.id)
  return (
    <div className="overview">
      <div className="note" data-family={words?.family === 'settled' ? undefined : words?.family}>
        <div className="grow col">
          <div className="row wrap">
            <StandingPill one={one} standing={standing} posts={posts} now={now} />
            {words && one.checked_at !== null && (
              <span className="small soft">
                <Trans>checked {checked}</Trans>
              </span>
            )}
          </div>
          {words && <p className="small">{one.detail ?? i18n._(words.sentence)}</p>}
          {words && (
            <p className="small soft">
              {synced === null ? (
                <Trans>It has not gone well yet.</Trans>
              ) : (
                <Trans>It last went well {synced}.</Trans>
              )}
            </p>
          )}
        </div>
        {may && <Remedy one={one} standing={standing} />}
      </div>
      {(brought?.pictures.length ?? (isPending ? one.brought?.stored : 0) ?? 0) > 0 && (
        <div className="newest" aria-busy={isPending}>
          {brought?.pictures.map((picture) => (
            <Link
              key={picture.media}
              to="/media/$media"
              params={{ media: picture.media }}
              search={{ q: `source:${one.id}` }}
            >
              <Picture
                src={`${picture.thumbnail}&size=640`}
                alt={picture.caption === '' ? t`Picture without a caption` : picture.caption}
                thumbhash={picture.thumbhash}
              />
            </Link>
          ))}
        </div>
      )}
      <dl className="kv">
        <dt>
          <Trans>Checks</Trans>
        </dt>
        <dd>{scheduleWords(one)}</dd>
        <dt>
          <Trans>Next</Trans>
        </dt>
        <dd>
          {one.paused ? (
            <Trans>rests</Trans>
          ) : (
            <time dateTime={one.next_at} title={formatDayTime(one.next_at)}>
              {formatDue(one.next_at, now)}
            </time>
          )}
        </dd>
        {one.brought && (
          <>
            <dt>
              <Trans>Brought</Trans>
            </dt>
            <dd>
              <Plural value={one.brought.posts} one="# post" other="# posts" />,{' '}
              <Plural value={one.brought.stored} one="# file" other="# files" /> ·{' '}
              {formatBytes(one.brought.bytes)}
            </dd>
          </>
        )}
        {newest !== undefined && (
          <>
            <dt>
              <Trans>Newest post</Trans>
            </dt>
            <dd>
              <time dateTime={newest} title={formatDayTime(newest)}>
                {formatAgo(newest, now)}
              </time>
            </dd>
          </>
        )}
        {one.brought != null && one.brought.open > 0 && (
          <>
            <dt>
              <Trans>On their way</Trans>
            </dt>
            <dd>{formatNumber(one.brought.open)}</dd>
          </>
        )}
        <dt>
          <Trans>Older posts</Trans>
        </dt>
        <dd>{one.backfill_done ? <Trans>all here</Trans> : backfill}</dd>
        {brought && (
          <>
            <dt>
              <Trans>New, 12 weeks</Trans>
            </dt>
            <dd>
              <Weeks weeks={brought.weeks} />
            </dd>
          </>
        )}
      </dl>
      {!one.backfill_done && part !== null && (
        <div
          className="bar"
          role="progressbar"
          aria-label={t`Back-fill`}
          aria-valuenow={Math.round(part * 100)}
          aria-valuetext={backfill}
          style={{ '--p': part * 100 }}
        >
          <i />
        </div>
      )}
      {reasons.length > 0 && (
        <section>
          <h3>
            <Trans>Not stored, and why</Trans>
          </h3>
          <ul className="whys">
            {reasons.map(([reason, count]) => (
              <li key={reason} className="row">
                <ReasonPill reason={reason} />
                <Link className="link end small" to="/library" search={{ q: searchOf(one.id, reason) }}>
                  {formatNumber(count)}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className="row wrap">
        {may && (
          <>
            <Button icon={RotateCw} onClick={() => void checkNow([one.id], nameOf(one))}>
              <Trans>Check now</Trans>
            </Button>
            {one.paused ? (
              <Button icon={Play} onClick={() => void resume([one.id], nameOf(one))}>
                <Trans>Go on</Trans>
              </Button>
            ) : (
              <Button icon={Pause} onClick={() => void pause([one.id], nameOf(one))}>
                <Trans>Pause</Trans>
              </Button>
            )}
          </>
        )}
        <Link className="btn" data-kind="quiet" to="/library" search={{ q: `source:${one.id}` }}>
          <Images className="icon" aria-hidden />
          <Trans>Show in library</Trans>
        </Link>
        <a className="btn" data-kind="quiet" href={one.url} target="_blank" rel="noreferrer noopener">
          <ExternalLink className="icon" aria-hidden />
          <Trans>Open at its source</Trans>
        </a>
        {may && (
          <Button
            kind="quiet"
            icon={UserRoundMinus}
            onClick={() => {
              onGone()
              void unfollow([one.id], nameOf(one))
            }}
          >
            <Trans>Unfollow</Trans>
          </Button>
        )}
      </div>
    </div>
  )
}
