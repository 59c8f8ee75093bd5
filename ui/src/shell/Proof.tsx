import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { LockKeyhole, LogIn } from 'lucide-react'
import { useState } from 'react'
import { api, take } from '../api/client'
import { leaveForDuo } from '../api/duo'
import { useMe } from '../api/me'
import { Button } from '../parts/Button'
import { FactorChoice } from '../parts/FactorChoice'
import { PasswordField } from '../parts/PasswordField'
import { Sentence } from '../parts/Trouble'

/** Each way that the account has: its password, its second factors, its provider. */
export function Proof({ onProven, onCancel }: { onProven: () => void; onCancel: () => void }) {
  const { name, has_password: hasPassword, factors } = useMe()
  const router = useRouter()
  const [way, setWay] = useState<string | null>(hasPassword ? 'password' : (factors[0] ?? null))
  const identities = useQuery({
    queryKey: ['me', 'identities'],
    queryFn: () => take(api.GET('/api/v1/me/identities')).then((told) => told.items),
  })
  const here = () => router.state.location.href
  const toProvider = async () => {
    const { url } = await take(api.POST('/api/v1/session/oidc/sudo', { body: { after: here() } }))
    location.assign(url)
  }
  const others = (
    <>
      {hasPassword && way !== 'password' && (
        <Button icon={LockKeyhole} onClick={() => setWay('password')}>
          <Trans>Password</Trans>
        </Button>
      )}
      {(identities.data?.length ?? 0) > 0 && (
        <Button icon={LogIn} onClick={() => void toProvider()}>
          <Trans>At your provider</Trans>
        </Button>
      )}
      <Button kind="quiet" onClick={onCancel}>
        <Trans>Not now</Trans>
      </Button>
    </>
  )
  if (way === 'password')
    return (
      <div className="col">
        <PasswordProof name={name} onProven={onProven} />
        <FactorButtons factors={factors} onChoose={setWay}>
          {others}
        </FactorButtons>
      </div>
    )
  if (way === null)
    return (
      <div className="row wrap">
        {others}
        <p className="small muted">
          <Trans>Your account has no password and no second factor: sign in again at your provider.</Trans>
        </p>
      </div>
    )
  return (
    <FactorChoice
      factors={factors}
      factor={way}
      onChoose={setWay}
      begin={(factor) => take(api.POST('/api/v1/session/sudo/{factor}', { params: { path: { factor } } }))}
      prove={async (factor, answer) => {
        await api.POST('/api/v1/session/sudo', { body: { factor, answer: answer as Record<string, never> } })
        onProven()
      }}
      onLeave={(url) => leaveForDuo(url, { purpose: 'sudo', after: here() })}
    >
      {others}
    </FactorChoice>
  )
}

function FactorButtons({
  factors,
  onChoose,
  children,
}: {
  factors: readonly string[]
  onChoose: (factor: string) => void
  children: React.ReactNode
}) {
  const names: Record<string, React.ReactNode> = {
    passkey: <Trans>Use a passkey</Trans>,
    totp: <Trans>Authenticator app</Trans>,
    duo: <Trans>Duo</Trans>,
  }
  return (
    <div className="row wrap">
      {factors
        .filter((factor) => factor in names)
        .map((factor) => (
          <Button key={factor} onClick={() => onChoose(factor)}>
            {names[factor]}
          </Button>
        ))}
      {children}
    </div>
  )
}

function PasswordProof({ name, onProven }: { name: string; onProven: () => void }) {
  const { t } = useLingui()
  const [password, setPassword] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const prove = async () => {
    setBusy(true)
    setError(null)
    try {
      await api.POST('/api/v1/session/sudo', { body: { password } })
      onProven()
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault()
        void prove()
      }}
    >
      <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
      <PasswordField
        label={t`Password of ${name}`}
        value={password}
        required
        error={error === null ? null : <Sentence error={error} />}
        onChange={(event) => setPassword(event.target.value)}
      />
      <div className="row">
        <Button kind="primary" submit busy={busy}>
          <Trans>Go on</Trans>
        </Button>
      </div>
    </form>
  )
}
