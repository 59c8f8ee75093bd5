import './bin.css'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Trash2, Undo2, X } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useLive, type Gone } from '../../api/live'
import { useMay } from '../../api/me'
import { useRefresh } from '../../api/refresh'
import { Button } from '../../parts/Button'
import { Check } from '../../parts/Check'
import { Empty } from '../../parts/Empty'
import { Trouble } from '../../parts/Trouble'
import { useKeys, type Keys } from '../../shell/keys'
import { LibraryTabs } from '../../shell/Tabs'
import { formatBytes } from '../../words/format'
import { useActs } from './acts'
import { BinRow } from './BinRow'
import { PurgeDialog, type Purge } from './PurgeDialog'
import { usePicks } from './picks'

const PAGE = 100
const route = getRouteApi('/inside/library/bin')

/** What was deleted: how long it stays, who put it there and why, and the ways out. */
export function Bin() {
  const { view } = route.useSearch()
  const purged = view === 'purged'
  const { t } = useLingui()
  const mayWrite = useMay('library:write')
  const mayPurge = useMay('purge')
  const queries = useQueryClient()
  const [purge, setPurge] = useState<Purge | null>(null)
  const key = useMemo(() => ['trash', purged], [purged])
  const bin = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/trash', {
          params: { query: { purged, limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchOnMount: 'always', // nobody has told it what happened while it was not shown
  })
  const first = bin.data?.pages[0]
  const items = useMemo(() => bin.data?.pages.flatMap((page) => page.items) ?? [], [bin.data])
  const ids = useMemo(() => items.map((item) => item.media.id), [items])
  const picks = usePicks(ids)
  const acts = useActs(() => void queries.invalidateQueries({ queryKey: ['trash'] }))
  useNews(ids)
  const { count, clear } = picks
  useKeys(useMemo((): Keys => (count === 0 ? {} : { Escape: clear }), [count, clear]))

  const restore = (which: readonly string[]) => {
    picks.clear()
    void acts.restore(which)
  }
  const allow = (which: readonly string[]) => {
    picks.clear()
    void acts.allow(which)
  }
  const chosen = items.filter((item) => picks.has(item.media.id))
  const bytes = formatBytes(chosen.reduce((sum, item) => sum + item.bytes, 0))
  return (
    <>
      <LibraryTabs />
      <div className="body bin-page">
        <header className="row wrap">
          <div className="grow">
            <h1>
              <Trans>Recycle bin</Trans>
            </h1>
            <p className="soft">
              <Said purged={purged} page={first} />
            </p>
          </div>
          {!purged && mayWrite && first !== undefined && first.count > 0 && (
            <>
              <Button icon={Undo2} busy={acts.busy} onClick={() => void acts.restoreAll()}>
                <Trans>Restore all</Trans>
              </Button>
              {mayPurge && (
                <Button
                  kind="danger"
                  icon={Trash2}
                  onClick={() => setPurge({ ids: null, count: first.count, bytes: first.bytes })}
                >
                  <Trans>Empty now</Trans>
                </Button>
              )}
            </>
          )}
        </header>
        <nav className="seg" aria-label={t`Which`}>
          <Link to="/library/bin" search={{ view: undefined }} aria-current={purged ? undefined : 'page'}>
            <Trans>In the bin</Trans>
          </Link>
          <Link to="/library/bin" search={{ view: 'purged' }} aria-current={purged ? 'page' : undefined}>
            <Trans>Deleted for good</Trans>
          </Link>
        </nav>
        {bin.isError && <Trouble error={bin.error} onRetry={() => void bin.refetch()} />}
        {bin.isSuccess && items.length === 0 && <Nothing purged={purged} />}
        {items.length > 0 && (
          <table className="table bin">
            <thead>
              <tr>
                <th className="pick">
                  <Check
                    checked={picks.all ? true : picks.count > 0 ? 'mixed' : false}
                    label={t`Select all`}
                    onChange={(on) => (on ? picks.everything() : picks.clear())}
                  />
                </th>
                <th>
                  <Trans>Item</Trans>
                </th>
                <th className="desk">
                  <Trans>Deleted by</Trans>
                </th>
                <th className="desk">
                  <Trans>When</Trans>
                </th>
                <th className="num desk">
                  <Trans>Size</Trans>
                </th>
                {!purged && (
                  <th className="left">
                    <Trans>Leaves in</Trans>
                  </th>
                )}
                <th>
                  <span className="vh">
                    <Trans>Actions</Trans>
                  </span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <BinRow
                  key={item.media.id}
                  item={item}
                  days={first?.days ?? 0}
                  purged={purged}
                  may={mayWrite}
                  selected={picks.has(item.media.id)}
                  onSelect={(on, far) => picks.pick(item.media.id, on, far)}
                  onRestore={() => restore([item.media.id])}
                  onAllow={() => allow([item.media.id])}
                />
              ))}
            </tbody>
          </table>
        )}
        {bin.hasNextPage && (
          <div className="more-bin">
            <Button kind="soft" busy={bin.isFetchingNextPage} onClick={() => void bin.fetchNextPage()}>
              <Trans>Show more</Trans>
            </Button>
          </div>
        )}
      </div>
      {picks.count > 0 && mayWrite && (
        <div className="batch" role="toolbar" aria-label={t`What is selected`}>
          <span className="sum">
            <b className="strong">
              <Plural value={picks.count} one="# selected" other="# selected" />
            </b>
            <br />
            <span className="tiny">{bytes}</span>
          </span>
          {purged ? (
            <Button icon={Undo2} onClick={() => allow(chosen.map((item) => item.media.id))}>
              <Trans>Allow again</Trans>
            </Button>
          ) : (
            <Button icon={Undo2} onClick={() => restore(chosen.map((item) => item.media.id))}>
              <Trans>Restore</Trans>
            </Button>
          )}
          {!purged && mayPurge && (
            <Button
              icon={Trash2}
              onClick={() =>
                setPurge({
                  ids: chosen.map((item) => item.media.id),
                  count: chosen.length,
                  bytes: chosen.reduce((sum, item) => sum + item.bytes, 0),
                })
              }
            >
              <Trans>Delete for good</Trans>
            </Button>
          )}
          <Button icon={X} aria-label={t`Drop the selection`} onClick={picks.clear} />
        </div>
      )}
      {purge && (
        <PurgeDialog
          purge={purge}
          onClose={() => setPurge(null)}
          onDone={() => {
            setPurge(null)
            picks.clear()
            void queries.invalidateQueries({ queryKey: ['trash'] })
          }}
        />
      )}
    </>
  )
}

/** Has the bin asked for anew when something comes into it or leaves it, whoever does it. */
function useNews(ids: readonly string[]) {
  const refresh = useRefresh(['trash'], 1000)
  useLive(
    'media',
    useCallback(
      (media: Schemas['MediaItem'] | Gone) => {
        if ('gone' in media || media.state === 'trashed' || ids.includes(media.id)) refresh()
      },
      [ids, refresh],
    ),
  )
  useLive('decision', refresh)
}

function Said({ purged, page }: { purged: boolean; page: Schemas['BinPage'] | undefined }) {
  if (purged) return <Trans>Their files are gone. They are not downloaded again unless you allow it.</Trans>
  if (page === undefined) return <>&nbsp;</>
  const size = formatBytes(page.bytes)
  return (
    <>
      <Plural value={page.count} one="# item" other="# items" />, {size}.{' '}
      {page.days > 0 ? (
        <Plural
          value={page.days}
          one="Each stays # day, then leaves the disk."
          other="Each stays # days, then leaves the disk."
        />
      ) : (
        <Trans>They stay until you empty it.</Trans>
      )}{' '}
      <Trans>What is here is not downloaded again.</Trans>
    </>
  )
}

function Nothing({ purged }: { purged: boolean }) {
  return (
    <Empty
      title={purged ? <Trans>Nothing was deleted for good</Trans> : <Trans>The bin is empty</Trans>}
      action={
        <Link className="btn" data-kind="primary" to="/library">
          <Trans>To the timeline</Trans>
        </Link>
      }
    >
      {purged ? (
        <Trans>What leaves the bin stands here, so that you can allow it again.</Trans>
      ) : (
        <Trans>What you delete lies here for a while, and can be brought back.</Trans>
      )}
    </Empty>
  )
}
