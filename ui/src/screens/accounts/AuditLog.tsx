import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { Trouble } from '../../parts/Trouble'
import { detailOf, FAMILIES, wordsOfEvent } from '../../words/audit'
import { formatDayTime } from '../../words/format'
import { auditQuery } from './data'

/** What was done that matters for safety, by whom and from where: newest first, by kind and by account. */
export function AuditLog({ accounts }: { accounts: Schemas['AccountView'][] }) {
  const { t, i18n } = useLingui()
  const { event, by } = useSearch({ from: '/inside/settings/accounts' })
  const navigate = useNavigate()
  const audit = useInfiniteQuery(auditQuery(event, by))
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? []
  const choose = (chosen: { event?: string | undefined; by?: number | undefined }) =>
    void navigate({
      to: '/settings/accounts',
      search: ({ account }) => ({ account, event, by, ...chosen }),
      replace: true,
      resetScroll: false,
    })
  return (
    <section id="audit" className="audit">
      <header className="row wrap">
        <h2 className="grow">
          <Trans>Audit log</Trans>
        </h2>
        <select
          className="btn"
          aria-label={t`What happened`}
          value={event ?? ''}
          onChange={({ target }) => choose({ event: target.value === '' ? undefined : target.value })}
        >
          <option value="">{t`Everything`}</option>
          {FAMILIES.map(([beginning, words]) => (
            <option key={beginning} value={beginning}>
              {i18n._(words)}
            </option>
          ))}
        </select>
        <select
          className="btn"
          aria-label={t`By whom`}
          value={by ?? ''}
          onChange={({ target }) => choose({ by: target.value === '' ? undefined : Number(target.value) })}
        >
          <option value="">{t`By anybody`}</option>
          {accounts.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </header>
      {audit.error !== null ? (
        <Trouble error={audit.error} onRetry={() => void audit.refetch()} />
      ) : audit.data === undefined ? (
        <div className="skeletons waits" aria-busy="true" />
      ) : entries.length === 0 ? (
        <p className="soft none">
          <Trans>Nothing of that kind is written down.</Trans>
        </p>
      ) : (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrows scroll it where it is too wide
        <div className="scroller" role="region" aria-label={t`Audit log`} tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">
                  <Trans>When</Trans>
                </th>
                <th scope="col">
                  <Trans>What</Trans>
                </th>
                <th scope="col">
                  <Trans>Who</Trans>
                </th>
                <th scope="col">
                  <Trans>From</Trans>
                </th>
                <th scope="col">
                  <Trans>More</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {audit.hasNextPage && (
        <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
          <Trans>Show older</Trans>
        </Button>
      )}
    </section>
  )
}

function Entry({ entry }: { entry: Schemas['AuditEntry'] }) {
  const { i18n } = useLingui()
  const { icon: Icon, said, bad } = wordsOfEvent(entry.event)
  const detail = detailOf(entry)
  return (
    <tr data-bad={bad ? '' : undefined}>
      <td className="nowrap soft">{formatDayTime(entry.at)}</td>
      <td className="nowrap">
        <span className="row">
          <Icon className="icon" aria-hidden />
          {i18n._(said)}
        </span>
      </td>
      <td className="nowrap">{entry.name}</td>
      <td className="nowrap soft">{entry.address}</td>
      <td className="small soft cut detail" title={detail}>
        {detail}
      </td>
    </tr>
  )
}
