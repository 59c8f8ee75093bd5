import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check as Tick, CircleSlash, Hourglass, Moon, TriangleAlert } from 'lucide-react'
import { api, take, type Schemas } from '../../api/client'
import { useMay } from '../../api/me'
import { PlatformSign } from '../../parts/Platform'
import { ReasonCard } from '../../parts/Reason'
import { Trouble } from '../../parts/Trouble'
import { formatAgo, formatNumber, formatPercent, formatTime } from '../../words/format'
import { platformOf } from '../../words/platforms'
import { wayOf } from './ways'

type Provider = Schemas['ProviderItem']
type Canary = Schemas['CanaryItem']

const ANY = '*' // the platform of a way that serves every site its extractor knows

const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: () => take(api.GET('/api/v1/providers')),
  refetchInterval: 60_000,
})

/** How each way to a platform does, and what came of the canaries. */
export function Ways() {
  const { data, error, refetch } = useQuery(providersQuery)
  if (error !== null && data === undefined) return <Trouble error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <span className="skeleton health-skeleton" />
  return (
    <section aria-labelledby="ways">
      <h3 id="ways">
        <Trans>Ways</Trans>
      </h3>
      {data.items.length === 0 ? (
        <p className="small soft">
          <Trans>Nothing has been listed yet. Every way to a platform shows here how it does.</Trans>
        </p>
      ) : (
        <Table items={data.items} />
      )}
      <Canaries canaries={data.canaries} />
    </section>
  )
}

function Table({ items }: { items: Provider[] }) {
  return (
    <table className="table ways">
      <thead>
        <tr>
          <th scope="col">
            <Trans>Way</Trans>
          </th>
          <th scope="col" className="num">
            <Trans>Last day</Trans>
          </th>
          <th scope="col" className="num">
            <Trans>Last week</Trans>
          </th>
          <th scope="col">
            <Trans>Last success</Trans>
          </th>
          <th scope="col">
            <Trans>Last failure</Trans>
          </th>
          <th scope="col">
            <Trans>State</Trans>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <Row key={one.name} one={one} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ one }: { one: Provider }) {
  const { t, i18n } = useLingui()
  const way = wayOf(one.name)
  return (
    <tr>
      <td data-cell="way">
        <span className="row">
          {one.platform !== ANY && <PlatformSign platform={one.platform} named />}
          <span className="way-name">
            <span className="strong">
              {one.platform === ANY ? t`Other sites` : platformOf(one.platform).name}
            </span>
            <span className="soft small">{typeof way === 'string' ? way : i18n._(way)}</span>
          </span>
        </span>
      </td>
      <td className="num" data-label={t`Last day`}>
        <Share tries={one.day} />
      </td>
      <td className="num" data-label={t`Last week`}>
        <Share tries={one.week} />
      </td>
      <td className="small" data-label={t`Last success`}>
        {one.delivered_at === null ? <span className="muted">–</span> : formatAgo(one.delivered_at)}
      </td>
      <td className="small" data-label={t`Last failure`}>
        {one.failed_at === null || one.reason === null ? (
          <span className="muted">–</span>
        ) : (
          <span className="way-failure">
            <ReasonCard reason={one.reason} platform={one.platform} detail={one.detail}>
              {one.reason === 'unavailable' ? t`No answer` : undefined}
            </ReasonCard>
            <span className="muted">{formatAgo(one.failed_at)}</span>
          </span>
        )}
      </td>
      <td data-cell="state">
        <State one={one} />
      </td>
    </tr>
  )
}

function Share({ tries }: { tries: Schemas['TriesView'] }) {
  const { t } = useLingui()
  if (tries.success === null) return <span className="muted">–</span>
  const [delivered, all, posts] = [
    formatNumber(tries.delivered),
    formatNumber(tries.delivered + tries.failed),
    formatNumber(tries.posts),
  ]
  return (
    <span className="way-share" title={t`${delivered} of ${all} tries, ${posts} posts`}>
      {formatPercent(tries.success)}
      <span className="muted small">{t`of ${all}`}</span>
    </span>
  )
}

function State({ one }: { one: Provider }) {
  if (one.state === 'open' && one.resting_until !== null) {
    const until = formatTime(one.resting_until)
    return (
      <span className="reason" data-family="waiting">
        <Moon className="icon" aria-hidden />
        <Trans>rests until {until}</Trans>
      </span>
    )
  }
  if (one.state === 'half_open')
    return (
      <span className="reason" data-family="waiting">
        <Hourglass className="icon" aria-hidden />
        <Trans>on trial</Trans>
      </span>
    )
  return (
    <span className="reason" data-family="ok" data-plain>
      <Tick className="icon" aria-hidden />
      <Trans>in use</Trans>
    </span>
  )
}

function Canaries({ canaries }: { canaries: Canary[] }) {
  const { t } = useLingui()
  const maySet = useMay('settings:read')
  const of = new Map<string, Canary[]>()
  for (const one of canaries) of.set(one.url, [...(of.get(one.url) ?? []), one])
  return (
    <>
      {of.size > 0 && (
        <ul className="canaries" aria-label={t`Canaries`}>
          {[...of].map(([url, ways]) => (
            <CanaryRow key={url} url={url} ways={ways} />
          ))}
        </ul>
      )}
      {of.size === 0 && maySet && (
        <p className="small soft ways-note">
          <Trans>
            A way that is not the first is seldom tried.{' '}
            <Link to="/settings" search={{ section: 'canary' }}>
              Canaries
            </Link>{' '}
            try each of them on a schedule.
          </Trans>
        </p>
      )}
    </>
  )
}

function CanaryRow({ url, ways }: { url: string; ways: Canary[] }) {
  const asked = ways.filter((way) => way.skipped === '')
  const broken = asked.filter((way) => way.reason !== null)
  const works = asked.length - broken.length
  const latest = ways.reduce((one, other) => (one.at > other.at ? one : other))
  const [total, at] = [asked.length, formatAgo(latest.at)]
  const parked = ways.find((way) => way.skipped !== '' && way.reason !== null)
  return (
    <li>
      <PlatformSign platform={latest.platform} />
      <a href={url} rel="noreferrer" target="_blank" className="grow canary-link">
        {url.replace(/^https?:\/\/(www\.)?/, '')}
      </a>
      <span className="canary-told">
        {parked?.reason && (
          <ReasonCard reason={parked.reason} platform={parked.platform} detail={parked.detail} />
        )}
        {total === 0 ? (
          !parked && <NotAsked why={latest.skipped} />
        ) : broken.length === 0 ? (
          <span className="reason" data-family="ok" data-plain>
            <Tick className="icon" aria-hidden />
            <Plural value={works} one="# way works" other="# ways work" />
          </span>
        ) : (
          <span className="reason" data-family={works === 0 ? 'you' : 'waiting'}>
            <TriangleAlert className="icon" aria-hidden />
            {works === 0 ? (
              <Trans>no way works</Trans>
            ) : (
              <Trans>
                {works} of {total} ways work
              </Trans>
            )}
          </span>
        )}
        <span className="muted small">{at}</span>
      </span>
    </li>
  )
}

/** Why none of its ways was asked. */
function NotAsked({ why }: { why: string }) {
  if (why === 'turn')
    return (
      <span className="reason" data-family="waiting">
        <Hourglass className="icon" aria-hidden />
        <Trans>waits for its login</Trans>
      </span>
    )
  return (
    <span className="reason">
      <CircleSlash className="icon" aria-hidden />
      {why === 'login' ? (
        <Trans>not asked without a login</Trans>
      ) : (
        <Trans>not asked without your consent</Trans>
      )}
    </span>
  )
}
