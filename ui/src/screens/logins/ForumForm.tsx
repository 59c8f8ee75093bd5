import { Trans, useLingui } from '@lingui/react/macro'
import { Cookie } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Problem } from '../../api/client'
import { Button } from '../../parts/Button'
import { Field } from '../../parts/Field'
import { focused } from '../../parts/focused'
import { PasswordField } from '../../parts/PasswordField'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import type { FormProps } from './CookiesForm'
import { signIn, type Login } from './data'
import { wokenWords } from './woken'

interface ForumFormProps extends FormProps {
  /** Who signed in before, where it is done anew. */
  login: Login | undefined
  busy: boolean
  /** For a forum that lets only browsers in. */
  onBringCookies: () => void
}

/** Makes a login of a name and a password, which the forum gets once and nobody keeps. */
export function ForumForm({ id, login, busy, onBusy, onBringCookies, onClose }: ForumFormProps) {
  const { t } = useLingui()
  const [url, setUrl] = useState(login?.sites[0] ?? '')
  const [name, setName] = useState(login?.signed_in_as ?? '')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string | null>(null)
  const [tried, setTried] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const stop = useRef<AbortController>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  const isMissing = (text: string) => tried && text.trim() === ''
  const send = async () => {
    setTried(true)
    if (busy || [url, name, password, code ?? '-'].some((text) => text.trim() === '')) return
    const own = (stop.current = new AbortController())
    onBusy(true)
    setError(null)
    try {
      const made = await signIn(
        { url: url.trim(), name: name.trim(), password, code: code?.trim() ?? null },
        own.signal,
      )
      const called = made.name
      say(
        <>
          <Trans>Signed in: {called}. The password is kept nowhere.</Trans> {wokenWords(made)}
        </>,
      )
      onClose()
    } catch (caught) {
      if (own.signal.aborted) return
      setError(caught)
      if (caught instanceof Problem && caught.kind === 'code-needed') {
        setCode('')
        setTried(false)
      }
    } finally {
      onBusy(false)
    }
  }
  return (
    <form
      id={id}
      className="login-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <Field
        label={t`The forum`}
        hint={t`Its address, or a link to anything in it.`}
        error={isMissing(url) ? t`Which forum is it?` : undefined}
        placeholder={t`forum.example`}
        inputMode="url"
        autoCapitalize="none"
        autoComplete="off"
        spellCheck="false"
        maxLength={8192}
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <Field
        label={t`Your name there`}
        error={isMissing(name) ? t`A name is needed.` : undefined}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck="false"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <PasswordField
        label={t`Your password there`}
        hint={t`It is sent to the forum once, and kept nowhere: what stays are the forum’s cookies.`}
        error={isMissing(password) ? t`The password is needed.` : undefined}
        autoComplete="off"
        maxLength={1000}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {code !== null && (
        <Field
          label={t`Code`}
          hint={t`Of the forum’s second factor, such as your app shows it.`}
          error={isMissing(code) ? t`The code is needed.` : undefined}
          ref={focused}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={32}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      )}
      {busy && (
        <p className="small soft" role="status">
          <Trans>The forum is asked as slowly as a person would be. This takes some seconds.</Trans>
        </p>
      )}
      {error !== null && <Refusal error={error} onBringCookies={onBringCookies} />}
    </form>
  )
}

/** Why the forum did not let somebody in, and what goes instead. */
function Refusal({ error, onBringCookies }: { error: unknown; onBringCookies: () => void }) {
  if (error instanceof Problem && error.kind === 'code-needed')
    return (
      <p className="note small" data-family="you" role="alert">
        <Trans>Name and password are right. The forum asks for the code of a second factor as well.</Trans>
      </p>
    )
  const isTypo = error instanceof Problem && error.kind === 'invalid-input'
  const isPlain = error instanceof Problem && ['challenge', 'unsupported'].includes(error.kind)
  return (
    <div className="note login-refusal" data-family={isTypo ? 'waiting' : 'you'} role="alert">
      <p className="small">{isPlain ? error.message : <Sentence error={error} />}</p>
      <Button size="sm" icon={Cookie} onClick={onBringCookies}>
        <Trans>Bring cookies instead</Trans>
      </Button>
    </div>
  )
}
