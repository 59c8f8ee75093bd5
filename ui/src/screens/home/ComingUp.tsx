import { Link } from '@tanstack/react-router'
import { Plural, Trans } from '@lingui/react/macro'
import { useNow } from '../../parts/Job'
import { formatDayTime, formatFromNow, formatTime } from '../../words/format'
import { inOrder, useComing } from './coming'

const SHOWN = 4
const HOUR_MS = 3_600_000

/** When what is followed is looked at next. */
export function ComingUp() {
  const { data } = useComing()
  const now = useNow(30_000)
  if (data === undefined) return null
  const order = inOrder(data)
  const rest = order.length - SHOWN
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
      {order.length === 0 && (
        <p className="small soft">
          <Trans>You follow nothing yet. Paste a profile and press Ctrl Enter.</Trans>
        </p>
      )}
      <dl className="kv">
        {order.slice(0, SHOWN).map((one) => (
          <div key={one.id}>
            <dt>{when(one.next_at, now)}</dt>
            <dd>
              <Link to="/following/$subscription" params={{ subscription: String(one.id) }} className="cut">
                {one.title}
              </Link>
            </dd>
          </div>
        ))}
        {rest > 0 && (
          <div>
            <dt>
              <Trans>later</Trans>
            </dt>
            <dd>
              <Plural value={rest} one="# other" other="# others" />
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

function when(moment: string, now: number) {
  const away = new Date(moment).getTime() - now
  if (away < HOUR_MS) return formatFromNow(moment, now)
  return away < 12 * HOUR_MS ? formatTime(moment) : formatDayTime(moment)
}
