import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, CircleAlert, PlugZap } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { Field } from '../../parts/Field'
import { ReasonPill } from '../../parts/Reason'
import { Sentence } from '../../parts/Trouble'
import { test, type Login } from './data'

interface Trial {
  busy: boolean
  answer: Schemas['LoginTest'] | null
  error: unknown
}

const NONE: Trial = { busy: false, answer: null, error: null }

/** A trial of a login. It ends when nobody looks any more. */
export function useTrial({ id }: Login) {
  const [trial, setTrial] = useState(NONE)
  const stop = useRef<AbortController>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  const begin = async (url: string | null) => {
    stop.current?.abort()
    const own = (stop.current = new AbortController())
    setTrial({ ...NONE, busy: true })
    try {
      const answer = await test(id, url, own.signal)
      if (!own.signal.aborted) setTrial({ ...NONE, answer })
    } catch (error) {
      if (!own.signal.aborted) setTrial({ ...NONE, error })
    }
  }
  return { ...trial, begin }
}

/** What a trial has shown. Nothing while there is no answer. */
export function Answer({ trial: { answer, error } }: { trial: Trial }) {
  if (error !== null)
    return (
      <div className="error" role="alert">
        <CircleAlert className="icon" aria-hidden />
        <span>
          <Sentence error={error} />
        </span>
      </div>
    )
  if (answer === null) return null
  const { url, posts, ok, reason, detail } = answer
  return (
    <div className="small login-answer" role="status">
      {ok ? (
        <span className="reason" data-family="ok">
          <Check className="icon" aria-hidden />
          <Trans>Opens</Trans>
        </span>
      ) : (
        reason !== null && <ReasonPill reason={reason} />
      )}
      <span>
        {ok ? (
          <Plural value={posts} _0="No post is there" one="# post is seen" other="# posts are seen" />
        ) : (
          detail
        )}{' '}
        <span className="mono login-link">{url}</span>
      </span>
    </div>
  )
}

/** The trial of a login on a link of one's choice, or on one that it is used for. */
export function Try({ login }: { login: Login }) {
  const { t } = useLingui()
  const [url, setUrl] = useState('')
  const trial = useTrial(login)
  const isUsed = login.used_by.length > 0
  return (
    <form
      className="login-part"
      onSubmit={(event) => {
        event.preventDefault()
        void trial.begin(url.trim() || null)
      }}
    >
      <h3>
        <Trans>Does it work</Trans>
      </h3>
      <Field
        label={t`A link that only it opens`}
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck="false"
        value={url}
        hint={
          isUsed ? <Trans>Without one, that of the newest subscription with it is taken.</Trans> : undefined
        }
        onChange={(event) => setUrl(event.target.value)}
      />
      <Button submit icon={PlugZap} busy={trial.busy}>
        {trial.busy ? <Trans>Testing</Trans> : <Trans>Test</Trans>}
      </Button>
      <Answer trial={trial} />
    </form>
  )
}
