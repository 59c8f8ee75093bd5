import { Link } from '@tanstack/react-router'
import { Plural, Trans } from '@lingui/react/macro'
import { useMay } from '../../api/me'
import { Awaited } from '../../parts/Awaited'
import { useNow } from '../../parts/Job'
import { formatFromNow, formatWhen } from '../../words/format'
import { nameOf } from '../../words/jobs'
import { SHOWN, useComing } from './coming'

const HOUR_MS = 3_600_000

export function ComingUp() {
  return useMay('following:read') ? <Coming /> : null
}

/** When what is followed is looked at next. */
function Coming() {
  const coming = useComing()
  const now = useNow(30_000)
  return (
    <section>
      <header>
        <h2>
          <Trans>Coming up</Trans>
        </h2>
        <Link to="/following" className="link small end">
          <Trans>Following</Trans>
        </Link>
      </header>
      {coming.data === undefined ? (
        <Awaited query={coming} lines={SHOWN} />
      ) : coming.data.going === 0 ? (
        <p className="small soft">
          {coming.data.all === 0 ? (
            <Trans>You follow nothing yet. Paste a profile and press Ctrl Enter.</Trans>
          ) : (
            <Trans>All that you follow rests.</Trans>
          )}
        </p>
      ) : (
        <dl className="kv">
          {coming.data.items.map((one) => (
            <div key={one.id}>
              <dt>{when(one.next_at, now)}</dt>
              <dd>
                <Link to="/following/$subscription" params={{ subscription: String(one.id) }} className="cut">
                  {nameOf(one)}
                </Link>
              </dd>
            </div>
          ))}
          <Later count={coming.data.going - coming.data.items.length} />
        </dl>
      )}
    </section>
  )
}

function Later({ count }: { count: number }) {
  if (count <= 0) return null
  return (
    <div>
      <dt>
        <Trans>later</Trans>
      </dt>
      <dd>
        <Link to="/following" search={{ sort: 'next' }}>
          <Plural value={count} one="# other" other="# others" />
        </Link>
      </dd>
    </div>
  )
}

function when(moment: string, now: number) {
  const away = new Date(moment).getTime() - now
  return away < HOUR_MS ? formatFromNow(moment, now) : formatWhen(moment, now)
}
