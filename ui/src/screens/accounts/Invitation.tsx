import { Trans, useLingui } from '@lingui/react/macro'
import { useRouter } from '@tanstack/react-router'
import type { Schemas } from '../../api/client'
import { Once } from '../../parts/Once'
import { formatDayTime } from '../../words/format'

/** A token to pass on, shown this once, and the page where it is used. */
export function Invitation({ invitation }: { invitation: Schemas['InvitationView'] }) {
  const { t } = useLingui()
  const router = useRouter()
  const page = location.origin + router.buildLocation({ to: '/invitation' }).publicHref
  const until = formatDayTime(invitation.expires_at)
  return (
    <div className="col">
      <p className="soft">
        <Trans>
          Pass this token on. With it a password is chosen at <span className="mono">{page}</span>. It works
          once, until {until}, and is shown only now.
        </Trans>
      </p>
      <Once label={t`The token`} secret={invitation.token} />
    </div>
  )
}
