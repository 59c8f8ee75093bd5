import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { CheckCheck, RotateCw, X } from 'lucide-react'
import { useCallback, useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useLive, type Gone } from '../../api/live'
import { useMay } from '../../api/me'
import { useRefresh } from '../../api/refresh'
import { Button } from '../../parts/Button'
import { Check } from '../../parts/Check'
import { Empty } from '../../parts/Empty'
import { JobState } from '../../parts/Job'
import { PlatformSign } from '../../parts/Platform'
import { Trouble } from '../../parts/Trouble'
import { isLiving, type Job } from '../../shell/activity'
import { DAY_MS } from '../../words/days'
import { formatDayTime, formatMoment, formatUtcDay } from '../../words/format'
import { kindOf, LANES, resultOf, titleOf, type Lane } from '../../words/jobs'
import type { JobReason } from '../../shell/needsOpen'
import { REASONS } from '../../words/reasons'
import { platformOf } from '../../words/platforms'
import { again, againMany, dismiss } from './steer'

type State = 'done' | 'failed' | 'cancelled'

const PAGE = 50
const ENDS: Schemas['JobState'][] = ['done', 'failed', 'cancelled']

interface FinishedProps {
  state: State | undefined
  lane: Lane | 'all'
  /** The day from which on they ended. */
  since: string | undefined
  /** Only what needs a person, for this reason and on this platform where they are told. */
  needs?: { reason: JobReason | undefined; platform: string | undefined }
}

/** What has come to an end, newest first, a page at a time. */
export function Finished({ state, lane, since, needs }: FinishedProps) {
  const { t, i18n } = useLingui()
  const may = useMay('queue:write')
  const key = ['jobs', 'finished', lane, state ?? 'all', since ?? 'ever', JSON.stringify(needs ?? null)]
  const navigate = useNavigate({ from: '/queue' })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [list, setList] = useState(key.join())
  if (list !== key.join()) {
    setList(key.join())
    setChosen(new Set())
  }
  const all = needs !== undefined // also those that wait for somebody
  const refresh = useRefresh(key, 1500)
  useLive(
    'job',
    useCallback(
      (job: Job | Gone) => {
        if (all || !isLiving(job)) refresh()
      },
      [refresh, all],
    ),
  )
  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/jobs', {
          params: {
            query: {
              ...(needs === undefined ? { state: state === undefined ? ENDS : [state] } : asked(needs)),
              limit: PAGE,
              cursor: pageParam,
              ...(lane === 'all' ? {} : { lane }),
              ...(since === undefined ? {} : { ended_since: `${since}T00:00:00Z` }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  const jobs = pages.data?.pages.flatMap((page) => page.items) ?? []
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  return (
    <>
      {needs !== undefined && <Sifted needs={needs} />}
      <div className="row wrap ends-of" hidden={needs !== undefined}>
        <nav className="row wrap" aria-label={t`Of which lane`}>
          <Of name={i18n._(LANES.interactive.name)} lane={undefined} />
          <Of name={i18n._(LANES.sync.name)} lane="sync" />
          <Of name={i18n._(LANES.housekeeping.name)} lane="housekeeping" />
          <Of name={t`Everything`} lane="all" />
        </nav>
        {since !== undefined && (
          <span className="token">
            <b>
              <Trans>ended since</Trans>
            </b>
            <span>{formatUtcDay(Date.parse(since) / DAY_MS)}</span>
            <button
              type="button"
              aria-label={t`Whenever they ended`}
              onClick={() => void navigate({ to: '/queue', search: (old) => ({ ...old, since: undefined }) })}
            >
              <X className="icon" aria-hidden />
            </button>
          </span>
        )}
        <nav className="row wrap end" aria-label={t`How they ended`}>
          <End name={t`Any end`} state={undefined} />
          <End name={t`Done`} state="done" />
          <End name={t`Failed`} state="failed" />
          <End name={t`Cancelled`} state="cancelled" />
        </nav>
      </div>
      {pages.error !== null && <Trouble error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.data !== undefined && jobs.length === 0 && (
        <Empty
          title={
            needs === undefined ? <Trans>Nothing has ended this way</Trans> : <Trans>No job needs you</Trans>
          }
        >
          {needs === undefined && (
            <Trans>Jobs are kept here for a while after their end, with what became of each file.</Trans>
          )}
        </Empty>
      )}
      <ul className="finished" aria-busy={pages.isPending}>
        {jobs.map((job) => (
          <li key={job.id} className="job">
            <span className="pick">
              {may && (
                <Check
                  checked={chosen.has(job.id)}
                  label={t`Choose ${{ title: titleOf(job) }}`}
                  onChange={(on) => choose(job.id, on)}
                />
              )}
            </span>
            <PlatformSign platform={job.platform} size="lg" named />
            <div className="what">
              <Link
                from="/queue"
                to="/queue"
                search={(old) => ({ ...old, job: job.id })}
                className="strong cut"
              >
                {titleOf(job)}
              </Link>
              <div className="small muted cut">
                {kindOf(job)} · {resultOf(job)}
              </div>
            </div>
            <div className="prog small soft cut">
              {job.state === 'failed' || job.kind.startsWith('Subscription') ? job.detail : null}
            </div>
            <time
              className="small soft speed nowrap"
              dateTime={job.finished_at ?? undefined}
              title={job.finished_at === null ? undefined : formatDayTime(job.finished_at)}
            >
              {job.finished_at !== null && formatMoment(job.finished_at)}
            </time>
            <span className="why">
              <JobState job={job} card />
            </span>
            <span className="acts">
              {may && (
                <Button
                  kind="quiet"
                  size="sm"
                  icon={RotateCw}
                  aria-label={t`Do ${{ title: titleOf(job) }} again`}
                  onClick={() => void again(job)}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
      {chosen.size > 0 && (
        <div className="batch" role="toolbar" aria-label={t`What to do with the chosen jobs`}>
          <span className="sum" role="status">
            <Plural value={chosen.size} one="# chosen" other="# chosen" />
          </span>
          <Button
            icon={RotateCw}
            onClick={() => {
              void againMany([...chosen])
              setChosen(new Set())
            }}
          >
            <Trans>Do again</Trans>
          </Button>
          {needs !== undefined && (
            <Button
              icon={CheckCheck}
              onClick={() => {
                void dismiss({ ids: [...chosen] })
                setChosen(new Set())
              }}
            >
              <Trans>Dismiss</Trans>
            </Button>
          )}
          <Button icon={X} aria-label={t`Choose nothing`} onClick={() => setChosen(new Set())} />
        </div>
      )}
    </>
  )
}

const asked = ({ reason, platform }: NonNullable<FinishedProps['needs']>) => ({
  needs: true,
  ...(reason === undefined ? {} : { reason: [reason] }),
  ...(platform === undefined ? {} : { platform }),
})

/** By what the list of what needs a person is narrowed. */
function Sifted({ needs: { reason, platform } }: { needs: NonNullable<FinishedProps['needs']> }) {
  const { t, i18n } = useLingui()
  if (reason === undefined && platform === undefined) return null
  const parts = [
    platform !== undefined && platformOf(platform).name,
    reason === 'none' ? t`No reason told` : reason !== undefined && i18n._(REASONS[reason].label),
  ].filter((part) => part !== false)
  return (
    <div className="row wrap">
      <span className="token">
        <span>{parts.join(' · ')}</span>
        <Link to="/queue" search={{ tab: 'needs' }} aria-label={t`Show every job that needs you`}>
          <X className="icon" aria-hidden />
        </Link>
      </span>
    </div>
  )
}

function End({ name, state }: { name: string; state: State | undefined }) {
  return (
    <Link
      className="chip"
      from="/queue"
      to="/queue"
      search={(old) => ({ ...old, state })}
      activeOptions={{ explicitUndefined: true }}
    >
      {name}
    </Link>
  )
}

function Of({ name, lane }: { name: string; lane: 'sync' | 'housekeeping' | 'all' | undefined }) {
  return (
    <Link
      className="chip"
      from="/queue"
      to="/queue"
      search={(old) => ({ ...old, lane })}
      activeOptions={{ explicitUndefined: true }}
    >
      {name}
    </Link>
  )
}
