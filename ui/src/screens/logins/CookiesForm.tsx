import { Trans, useLingui } from '@lingui/react/macro'
import { useId, useState } from 'react'
import { Problem } from '../../api/client'
import { Field } from '../../parts/Field'
import { Trouble } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { done, giveBack } from '../../shell/undo'
import { platformOf } from '../../words/platforms'
import { look, platformOfSite } from './cookies'
import { CookieField } from './Cookies'
import { add, isAs, lookAt, PLATFORMS, remove } from './data'
import { wokenWords } from './woken'

export interface FormProps {
  /** By which a button elsewhere sends it. */
  id: string
  onBusy: (busy: boolean) => void
  onClose: () => void
}

interface CookiesFormProps extends FormProps {
  /** The platform that it is for; '' if that is open. */
  platform: string
  /** What was pasted, dropped or chosen. */
  cookies: string
  onCookies: (text: string) => void
}

/** Makes a login of the cookies of a browser. */
export function CookiesForm({
  id: form,
  platform: wanted,
  cookies,
  onCookies,
  onBusy,
  onClose,
}: CookiesFormProps) {
  const { t } = useLingui()
  const id = useId()
  const [chosen, setChosen] = useState<string | null>(wanted === '' ? null : wanted)
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const seen = look(cookies)
  const platform = chosen ?? platformOfSite(seen?.sites[0] ?? '', PLATFORMS)
  const refused = error instanceof Problem ? error : null
  const nameTaken = refused?.status === 409 ? refused.message : undefined
  const cookiesRefused = refused?.status === 422 ? refused.message : undefined
  const keep = async () => {
    setTried(true)
    if (seen === null || name.trim() === '') return
    onBusy(true)
    setError(null)
    try {
      const login = await add(platform, name.trim(), cookies)
      const called = login.name
      const woken = wokenWords(login)
      if (woken !== null)
        say(
          <>
            <Trans>{called} is kept.</Trans> {woken}
          </>,
        )
      else
        done(<Trans>{called} is kept. Subscriptions can use it.</Trans>, () =>
          giveBack({
            look: () => lookAt(login.id),
            isOurs: (now) => isAs(login, now),
            back: (etag) => remove(login.id, etag),
          }),
        )
      onClose()
    } catch (caught) {
      setError(caught)
    } finally {
      onBusy(false)
    }
  }
  return (
    <form
      id={form}
      className="login-form"
      onSubmit={(event) => {
        event.preventDefault()
        void keep()
      }}
    >
      <CookieField
        text={cookies}
        error={cookiesRefused ?? (tried && cookies === '' ? t`Cookies are needed.` : undefined)}
        onText={(text) => {
          onCookies(text)
          setError(null)
        }}
      />
      <div className="field">
        <label htmlFor={id}>
          <Trans>Platform</Trans>
        </label>
        <div className="input">
          <select id={id} value={platform} onChange={(event) => setChosen(event.target.value)}>
            <option value="">{t`Another, or several`}</option>
            {[...new Set([...PLATFORMS, platform])].filter(Boolean).map((one) => (
              <option key={one} value={one}>
                {platformOf(one).name}
              </option>
            ))}
          </select>
        </div>
        <span className="hint">
          <Trans>It tells you what it is for. Cookies go to their own sites only.</Trans>
        </span>
      </div>
      <Field
        label={t`Name`}
        hint={t`What you call it, such as the account’s name.`}
        error={nameTaken ?? (tried && name.trim() === '' ? t`A login needs a name.` : undefined)}
        value={name}
        maxLength={200}
        autoComplete="off"
        onChange={(event) => {
          setName(event.target.value)
          setError(null)
        }}
      />
      {error !== null && !nameTaken && !cookiesRefused && <Trouble error={error} />}
    </form>
  )
}
