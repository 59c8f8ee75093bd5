import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, CircleAlert } from 'lucide-react'
import { api, take, type Schemas } from '../../api/client'
import { useLive } from '../../api/live'
import { useMay } from '../../api/me'
import { useRefresh } from '../../api/refresh'
import { formatNumber } from '../../words/format'
import { wordsOf } from '../../words/reasons'

const KEY = ['outcomes']

/** What became of media today, by reason; each leads to what it counts. */
export function Today() {
  useLive('job', useRefresh(KEY, 3000))
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: () => take(api.GET('/api/v1/outcomes')),
    enabled: useMay('queue:read'),
  })
  if (data === undefined) return null
  const media = data.media.filter((one) => one.outcome !== 'pending')
  const failed = data.failed_jobs.reduce((sum, { count }) => sum + count, 0)
  return (
    <section className="today row wrap">
      <h2 className="strong">
        <Trans>Today</Trans>
      </h2>
      {media.length === 0 && failed === 0 && (
        <span className="small soft">
          <Trans>Nothing has come to an end yet.</Trans>
        </span>
      )}
      {media.map((one) => (
        <Outcome key={`${one.outcome} ${one.reason ?? ''}`} one={one} since={data.since} />
      ))}
      {failed > 0 && (
        <Link
          className="reason"
          data-family="stuck"
          to="/queue"
          search={{ tab: 'finished', lane: 'all', state: 'failed' }}
        >
          <CircleAlert className="icon" aria-hidden />
          <Plural value={failed} one="# job failed" other="# jobs failed" />
        </Link>
      )}
    </section>
  )
}

function Outcome({ one, since }: { one: Schemas['OutcomeCount']; since: string }) {
  const { i18n } = useLingui()
  const count = formatNumber(one.count)
  const day = since.slice(0, 10)
  const words = wordsOf(one.reason)
  if (one.outcome === 'stored')
    return (
      <Link className="reason" data-family="ok" to="/library" search={{ q: `added>=${day}` }}>
        <Check className="icon" aria-hidden />
        <Trans>{count} stored</Trans>
      </Link>
    )
  const Icon = words?.icon ?? CircleAlert
  const said = (
    <>
      <Icon className="icon" aria-hidden />
      {count} {words === null ? (one.reason ?? one.outcome) : i18n._(words.label)}
    </>
  )
  if (one.outcome === 'known')
    return (
      <Link
        className="reason"
        data-family="settled"
        to="/queue"
        search={{ tab: 'finished', lane: 'all', state: 'done' }}
      >
        {said}
      </Link>
    )
  const q = [`state:${one.outcome}`, one.reason && `reason:${one.reason}`].filter(Boolean).join(' ')
  return (
    <Link className="reason" data-family={words?.family} to="/library" search={{ q }}>
      {said}
    </Link>
  )
}
