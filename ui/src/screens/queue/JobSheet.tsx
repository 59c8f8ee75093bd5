import { queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { CircleSlash, RotateCw } from 'lucide-react'
import { useCallback, useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { useLive, type Gone } from '../../api/live'
import { useMay } from '../../api/me'
import { useRefresh } from '../../api/refresh'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { JobBar, JobState } from '../../parts/Job'
import { Picture } from '../../parts/Picture'
import { ReasonPill } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { isLiving, progressOf, type Job } from '../../shell/activity'
import { formatBytes, formatDayTime, formatSpeed } from '../../words/format'
import { kindOf, LANES, titleOf, whereOf, type Lane } from '../../words/jobs'
import { platformOf } from '../../words/platforms'
import { wordsOf } from '../../words/reasons'
import { again, cancel } from './steer'

type Outcome = Schemas['Outcome']
type Detail = Schemas['JobDetail']

const PAGE = 50
const OUTCOMES: Outcome[] = ['stored', 'known', 'skipped', 'failed', 'pending']

const jobQuery = (job_id: string) =>
  queryOptions({
    queryKey: ['job', job_id],
    queryFn: () => take(api.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id } } })),
  })

/** One job: how it stands, why, and what became of each of its media. */
export function JobSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const query = jobQuery(id)
  const { data, error, refetch } = useQuery(query)
  const refresh = useRefresh(query.queryKey, 1000)
  useLive(
    'job',
    useCallback(
      (job: Job | Gone) => {
        if (job.id !== id || 'gone' in job) return
        queries.setQueryData(jobQuery(id).queryKey, (old: Detail | undefined) => old && { ...old, job })
        refresh()
      },
      [id, refresh],
    ),
  )
  const title = data === undefined ? <Trans>Job</Trans> : titleOf(data.job)
  return (
    <Modal
      as="sheet"
      title={title}
      lead={data && <Lead job={data.job} />}
      onClose={onClose}
      footer={data && <Steering job={data.job} />}
    >
      {error !== null && data === undefined && <Trouble error={error} onRetry={() => void refetch()} />}
      {data && <Story detail={data} />}
    </Modal>
  )
}

function Lead({ job }: { job: Job }) {
  const { i18n } = useLingui()
  const lane = job.lane in LANES ? i18n._(LANES[job.lane as Lane].name) : job.lane
  return (
    <>
      {kindOf(job)} · {platformOf(job.platform).name} · {lane}
    </>
  )
}

function Story({ detail: { job, tally } }: { detail: Detail }) {
  const { i18n } = useLingui()
  const mayLogs = useMay('audit:read')
  const { bytes, speed } = progressOf(job)
  const words = wordsOf(job.reason)
  const when = (moment: string | null) => moment !== null && formatDayTime(moment)
  return (
    <div className="col story">
      <div className="row wrap">
        <JobState job={job} />
        <span className="small soft">{whereOf(job)}</span>
        {speed > 0 && <span className="small soft end">{formatSpeed(speed)}</span>}
      </div>
      {job.state === 'running' && <JobBar job={job} />}
      {words !== null && (
        <p className="note" data-family={words.family}>
          <span className="grow">
            {i18n._(words.sentence)} {job.detail}
          </span>
        </p>
      )}
      <dl className="kv">
        <Fact name={<Trans>Handed in</Trans>} value={when(job.created_at)} />
        <Fact name={<Trans>Begun</Trans>} value={when(job.started_at)} />
        <Fact name={<Trans>Goes on</Trans>} value={job.state === 'waiting' && when(job.next_at)} />
        <Fact name={<Trans>Ended</Trans>} value={when(job.finished_at)} />
        <Fact name={<Trans>Attempt</Trans>} value={job.attempt > 1 && job.attempt} />
        <Fact name={<Trans>Received</Trans>} value={bytes > 0 && formatBytes(bytes)} />
        <Fact
          name={<Trans>Followed</Trans>}
          value={
            job.subscription !== null && (
              <Link
                to="/following/$subscription"
                params={{ subscription: String(job.subscription) }}
                className="link"
              >
                <Trans>Open</Trans>
              </Link>
            )
          }
        />
      </dl>
      {mayLogs && (
        <Link className="link" to="/settings/logs" search={{ job: job.id }}>
          <Trans>From end to end</Trans>
        </Link>
      )}
      <MediaOf job={job} tally={tally} />
    </div>
  )
}

function Fact({ name, value }: { name: React.ReactNode; value: React.ReactNode }) {
  if (value === false || value === null) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function MediaOf({ job, tally }: { job: Job; tally: Schemas['Tally'] }) {
  const { t } = useLingui()
  const [outcome, setOutcome] = useState<Outcome>()
  const words: Record<Outcome, string> = {
    stored: t`stored`,
    known: t`already here`,
    skipped: t`left out`,
    failed: t`could not`,
    pending: t`on the way`,
  }
  const pages = useInfiniteQuery({
    queryKey: ['job', job.id, 'media', outcome ?? 'any'],
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/jobs/{job_id}/media', {
          params: {
            path: { job_id: job.id },
            query: { limit: PAGE, cursor: pageParam, ...(outcome === undefined ? {} : { outcome }) },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
  const items = pages.data?.pages.flatMap((page) => page.items) ?? []
  const all = OUTCOMES.reduce((sum, each) => sum + tally[each], 0)
  if (all === 0) return null
  return (
    <section>
      <h3>
        <Plural value={all} one="# file" other="# files" />
      </h3>
      <div className="row wrap">
        {OUTCOMES.filter((each) => tally[each] > 0).map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={each === outcome}
            onClick={() => setOutcome(each === outcome ? undefined : each)}
          >
            {tally[each]} {words[each]}
          </button>
        ))}
      </div>
      {pages.error !== null && <Trouble error={pages.error} onRetry={() => void pages.refetch()} />}
      <ul className="media-of" aria-busy={pages.isPending}>
        {items.map((one) => (
          <One key={one.media.id} one={one} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </section>
  )
}

function One({ one: { media, outcome, reason } }: { one: Schemas['MediaOutcome'] }) {
  const name = media.caption || media.media
  return (
    <li className="row">
      <Picture src={media.thumbnail} alt="" />
      <span className="grow">
        <Link to="/media/$media" params={{ media: media.id }} className="cut what-link">
          {name}
        </Link>
        <span className="small muted cut">
          {media.author}
          {media.size !== null && <> · {formatBytes(media.size)}</>}
          {media.detail !== null && outcome === 'failed' && <> · {media.detail}</>}
        </span>
      </span>
      {reason !== null && reason !== 'known' && <ReasonPill reason={reason} />}
    </li>
  )
}

function Steering({ job }: { job: Job }) {
  const navigate = useNavigate({ from: '/queue' })
  const [busy, setBusy] = useState(false)
  if (!useMay('queue:write')) return null
  const act = async (what: () => Promise<Job | undefined>) => {
    setBusy(true)
    const now = await what()
    setBusy(false)
    if (now !== undefined && now.id !== job.id)
      await navigate({ to: '/queue', search: (old) => ({ ...old, job: now.id }) })
  }
  const living = isLiving(job)
  return (
    <>
      {job.state !== 'running' && job.state !== 'queued' && (
        <Button kind="primary" icon={RotateCw} busy={busy} onClick={() => void act(() => again(job))}>
          {living ? <Trans>Try now</Trans> : <Trans>Do again</Trans>}
        </Button>
      )}
      {living && (
        <Button icon={CircleSlash} onClick={() => void cancel(job)}>
          <Trans>Cancel</Trans>
        </Button>
      )}
    </>
  )
}
