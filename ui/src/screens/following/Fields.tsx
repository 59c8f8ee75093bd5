/** The plain fields that a new and a known subscription share. */
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { loginsQuery } from '../../api/logins'
import { useMay } from '../../api/me'
import { Field } from '../../parts/Field'
import { platformOf } from '../../words/platforms'
import { Choose } from './Choose'
import { isLimit } from './draft'

interface LimitProps {
  limit: string
  /** Somebody wanted to send it: from now on it is looked at. */
  tried?: boolean
  error?: string | undefined
  onChange: (limit: string) => void
}

/** How far back it goes. It is looked at when somebody leaves it, and then with each letter. */
export function LimitField({ limit, tried = false, error, onChange }: LimitProps) {
  const { t } = useLingui()
  const [left, setLeft] = useState(false)
  const wrong =
    (left || tried) && !isLimit(limit)
      ? t`A whole number from 1 to 1,000,000, or nothing for all of them.`
      : error
  return (
    <Field
      label={t`How many posts to go back`}
      value={limit}
      inputMode="numeric"
      placeholder={t`all`}
      error={wrong}
      hint={t`New posts always come. Older ones are fetched slowly, the newest first.`}
      onBlur={() => setLeft(true)}
      onChange={(event) => onChange(event.target.value)}
      after={
        <span className="soft" aria-hidden>
          <Trans>posts</Trans>
        </span>
      }
    />
  )
}

interface LoginProps {
  platform: string
  login: number | null
  onChange: (login: number | null) => void
}

/** With which login it is asked for; only where the account may see logins. */
export function LoginField({ platform, login, onChange }: LoginProps) {
  const { t } = useLingui()
  const may = useMay('logins:read')
  const { data } = useQuery({ ...loginsQuery, enabled: may })
  if (!may) return null
  const { name } = platformOf(platform)
  const fitting = (data?.items ?? []).filter((one) => one.platform === platform || one.platform === '')
  const options: [string, string][] = [
    ['', t`without a login`],
    ...fitting.map((one): [string, string] => [String(one.id), one.name]),
  ]
  if (login !== null && !fitting.some((one) => one.id === login))
    options.push([String(login), t`login ${login}`])
  return (
    <Choose
      label={t`Login`}
      value={login === null ? '' : String(login)}
      options={options}
      hint={
        data !== undefined && fitting.length === 0 ? (
          <Trans>
            There is no login for {name}.{' '}
            <Link className="link" to="/settings/logins">
              Add one
            </Link>
          </Trans>
        ) : undefined
      }
      onChange={(value) => onChange(value === '' ? null : Number(value))}
    />
  )
}

/** What a login is called. */
export function LoginName({ login }: { login: number | null }) {
  const { data } = useQuery({ ...loginsQuery, enabled: useMay('logins:read') })
  if (login === null) return <Trans>without a login</Trans>
  const name = data?.items.find((one) => one.id === login)?.name
  return name ?? <Trans>login {login}</Trans>
}

interface TitleProps {
  title: string
  placeholder?: string
  error?: string | undefined
  onChange: (title: string) => void
}

export function TitleField({ title, placeholder, error, onChange }: TitleProps) {
  const { t } = useLingui()
  return (
    <Field
      label={t`Title`}
      value={title}
      maxLength={500}
      error={error}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
