import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, CircleAlert } from 'lucide-react'
import { api, take, type Schemas } from '../../api/client'
import { useLive } from '../../api/live'
import { useMay } from '../../api/me'
import { Awaited } from '../../parts/Awaited'
import { useRefresh } from '../../api/refresh'
import { formatNumber } from '../../words/format'
import { wordsOf } from '../../words/reasons'

const KEY = ['outcomes']

/** What became of media today, by reason; each leads to them, or to the jobs of today that tell of them. */
export function Today() {
  useLive('job', useRefresh(KEY, 3000))
  const may = useMay('queue:read')
  const outcomes = useQuery({
    queryKey: KEY,
    queryFn: () => take(api.GET('/api/v1/outcomes')),
    enabled: may,
  })
  if (!may) return null
  if (outcomes.data === undefined)
    return (
      <section className="today">
        <Awaited query={outcomes} lines={1} />
      </section>
    )
  const { data } = outcomes
  const day = data.since.slice(0, 10)
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
        <Outcome key={`${one.outcome} ${one.reason ?? ''}`} one={one} day={day} />
      ))}
      {failed > 0 && (
        <Link
          className="reason"
          data-family="stuck"
          to="/queue"
          search={{ tab: 'finished', lane: 'all', state: 'failed', since: day }}
        >
          <CircleAlert className="icon" aria-hidden />
          <Plural value={failed} one="# job failed" other="# jobs failed" />
        </Link>
      )}
    </section>
  )
}

function Outcome({ one, day }: { one: Schemas['OutcomeCount']; day: string }) {
  const { i18n } = useLingui()
  const count = formatNumber(one.count)
  const words = wordsOf(one.reason)
  if (one.outcome === 'stored')
    return (
      <Link className="reason" data-family="ok" to="/library" search={{ q: `added>=${day}` }}>
        <Check className="icon" aria-hidden />
        <Trans>{count} stored</Trans>
      </Link>
    )
  const Icon = words?.icon ?? CircleAlert
  const bare = one.outcome === 'failed' ? 'stuck' : undefined // it failed and told no reason
  const said = (
    <>
      <Icon className="icon" aria-hidden />
      {count} {words === null ? (one.reason ?? one.outcome) : i18n._(words.label)}
    </>
  )
  return (
    <Link
      className="reason"
      data-family={one.outcome === 'known' ? 'settled' : (words?.family ?? bare)}
      to="/queue"
      search={{ tab: 'finished', lane: 'all', since: day }}
    >
      {said}
    </Link>
  )
}
