import { useQuery } from '@tanstack/react-query'
import { Trans, useLingui } from '@lingui/react/macro'
import { useId, useState, type ReactNode } from 'react'
import { loginsQuery } from '../api/logins'
import { useMay } from '../api/me'
import { Button } from '../parts/Button'
import { Field } from '../parts/Field'
import type { Entry } from './entry'

/** How to get or follow the one link, in more words than a key has. */
export function LinkOptions({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const { t } = useLingui()
  const mayFollow = useMay('following:write')
  const { data } = entry.preview
  const [kinds, setKinds] = useState('')
  const [since, setSince] = useState('')
  const [size, setSize] = useState('')
  const [limit, setLimit] = useState('')
  const [timing, setTiming] = useState('')
  const [login, setLogin] = useState('')
  const logins = useLogins(data?.platform ?? null)
  const most = limit === '' ? null : Math.max(1, Number(limit))
  const filter = [kinds && `kind:${kinds}`, since && `date>=${since}`, size && `size<=${size}MB`]
    .filter(Boolean)
    .join(' ')
  const chosen = { limit: most, login: login === '' ? null : Number(login) }
  const schedule = data?.schedule ?? t`every day`
  return (
    <form
      className="options"
      aria-label={t`Options`}
      onSubmit={(event) => {
        event.preventDefault()
        if (mayFollow) entry.follow({ ...chosen, filter, timing: timing || (data?.timing ?? '1d') })
        else entry.get(chosen.limit, chosen.login)
        onClose()
      }}
    >
      <div className="fields">
        <Select label={t`Kinds`} value={kinds} onChange={setKinds}>
          <option value="">{t`Everything`}</option>
          <option value="image">{t`Pictures only`}</option>
          <option value="video">{t`Videos only`}</option>
        </Select>
        <Field
          label={t`Posted since`}
          type="date"
          value={since}
          onChange={(event) => setSince(event.target.value)}
        />
        <Field
          label={t`At most, each`}
          type="number"
          min={1}
          inputMode="numeric"
          value={size}
          after={<span className="muted">{t`MB`}</span>}
          onChange={(event) => setSize(event.target.value)}
        />
        <Field
          label={t`How many`}
          type="number"
          min={1}
          inputMode="numeric"
          placeholder={t`all`}
          value={limit}
          onChange={(event) => setLimit(event.target.value)}
        />
        {mayFollow && (
          <Select label={t`Check`} value={timing} onChange={setTiming}>
            <option value="">{t`As it posts: ${schedule}`}</option>
            <option value="1h">{t`Every hour`}</option>
            <option value="6h">{t`Every 6 hours`}</option>
            <option value="1d">{t`Every day`}</option>
            <option value="1w">{t`Every week`}</option>
          </Select>
        )}
        {logins.length > 0 && (
          <Select label={t`Login`} value={login} onChange={setLogin}>
            <option value="">{t`None`}</option>
            {logins.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </div>
      <div className="row wrap">
        {mayFollow && (
          <Button kind="primary" submit>
            <Trans>Follow</Trans>
          </Button>
        )}
        <Button
          kind={mayFollow ? 'default' : 'primary'}
          onClick={() => {
            entry.get(chosen.limit, chosen.login)
            onClose()
          }}
        >
          <Trans>Get once</Trans>
        </Button>
        <Button kind="quiet" onClick={onClose}>
          <Trans>Back</Trans>
        </Button>
        <span className="small muted desk">
          <Trans>Kinds, dates and sizes count for what is followed.</Trans>
        </span>
      </div>
    </form>
  )
}

function useLogins(platform: string | null) {
  const { data } = useQuery({
    ...loginsQuery,
    enabled: useMay('logins:read'),
  })
  return (data?.items ?? []).filter((login) => login.platform === platform || login.platform === '')
}

interface SelectProps {
  label: string
  value: string
  onChange: (value: string) => void
  children: ReactNode
}

function Select({ label, value, onChange, children }: SelectProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        {children}
      </select>
    </div>
  )
}
