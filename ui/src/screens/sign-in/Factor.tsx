import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, Problem, take } from '../../api/client'
import { leaveForDuo } from '../../api/duo'
import { FactorChoice } from '../../parts/FactorChoice'
import { Trouble } from '../../parts/Trouble'
import { useEntering } from './entering'
import { Frame } from './Frame'

/** The second step of signing in. */
export function Factor() {
  const { t } = useLingui()
  const { after } = useSearch({ from: '/sign-in/factor' })
  const enter = useEntering()
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<string | null>(null)
  const due = useQuery({
    queryKey: ['session', 'factors'],
    queryFn: () => take(api.GET('/api/v1/session/factors')),
    retry: false,
    gcTime: 0,
  })
  const gone = due.error instanceof Problem && due.error.status === 401
  useEffect(() => {
    if (gone) void navigate({ to: '/sign-in', search: { after }, replace: true })
  }, [gone, navigate, after])
  const factor = chosen ?? due.data?.factors[0] ?? null
  const path = (name: string) => ({ params: { path: { factor: name } } })
  const leads: Record<string, React.ReactNode> = {
    totp: <Trans>Type the six digits from your authenticator app.</Trans>,
    recovery: <Trans>Type one of the codes that you kept when you set up your second factor.</Trans>,
    passkey: <Trans>Use the passkey of this device, or of another one.</Trans>,
    duo: <Trans>Confirm it with Duo. You come back here afterwards.</Trans>,
  }
  return (
    <Frame
      title={<Trans>One more step</Trans>}
      lead={factor === null ? t`Just a moment.` : leads[factor]}
      foot={
        <Trans>
          Not you?{' '}
          <Link className="link" to="/sign-in" search={{ after }}>
            Start again
          </Link>
        </Trans>
      }
    >
      {due.isError && !gone ? (
        <div className="col">
          <Trouble error={due.error} onRetry={() => void due.refetch()} />
        </div>
      ) : (
        due.data &&
        factor !== null && (
          <FactorChoice
            factors={due.data.factors}
            factor={factor}
            onChoose={setChosen}
            begin={(name) =>
              take(
                api.POST('/api/v1/session/factors/{factor}', { ...path(name), body: { begin: true } }),
              ).then((told) => told ?? {})
            }
            prove={async (name, answer) => {
              await api.POST('/api/v1/session/factors/{factor}', {
                ...path(name),
                body: { begin: false, ...answer },
              })
              await enter(after)
            }}
            onLeave={(url) => leaveForDuo(url, { purpose: 'sign-in', after: after ?? '/' })}
          />
        )
      )}
    </Frame>
  )
}
