import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { detailOf, wordsOfEvent } from '../../words/audit'
import { formatDayTime } from '../../words/format'
import { Card } from './Card'
import { latelyQuery } from './data'

/** What happened lately with one's own account. */
export function LatelyCard({ account }: { account: number }) {
  const { i18n } = useLingui()
  return (
    <Card
      wide
      title={<Trans>Lately</Trans>}
      query={latelyQuery(account)}
      action={() => (
        <Link className="link small" to="/settings/accounts" hash="audit">
          <Trans>Whole audit log</Trans>
        </Link>
      )}
    >
      {(entries) => (
        <ul className="lately">
          {entries.map((entry) => {
            const { icon: Icon, said, bad } = wordsOfEvent(entry.event)
            return (
              <li className="li" key={entry.id} data-bad={bad ? '' : undefined}>
                <Icon className="icon" aria-hidden />
                <div className="grow">
                  <div className="strong cut">{i18n._(said)}</div>
                  <div className="small muted cut">
                    {[formatDayTime(entry.at), entry.address, detailOf(entry)].filter(Boolean).join(' · ')}
                  </div>
                </div>
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}
