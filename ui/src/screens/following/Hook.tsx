/** The webhook of a subscription: another program starts a check by it, and can do nothing else. */
import { useQuery } from '@tanstack/react-query'
import { Trans, useLingui } from '@lingui/react/macro'
import { Copy, Webhook } from 'lucide-react'
import { useState } from 'react'
import { api, Problem, take, type Schemas } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Modal } from '../../parts/Dialog'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { say } from '../../shell/toasts'
import { trouble } from '../../shell/undo'
import { formatAgo } from '../../words/format'

const hookQuery = (number: number) => ({
  queryKey: ['hook', number],
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Schemas['HookView'] | null> => {
    try {
      return await take(
        api.GET('/api/v1/subscriptions/{number}/hook', { params: { path: { number } }, signal }),
      )
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null
      throw error
    }
  },
})

export function Hook({ number }: { number: number }) {
  const may = useMay('following:write')
  const { data: hook, error, refetch } = useQuery(hookQuery(number))
  const [made, setMade] = useState<Schemas['NewHook'] | null>(null)
  const [busy, setBusy] = useState(false)
  const [asked, setAsked] = useState<'renew' | 'remove' | null>(null)
  const path = { params: { path: { number } } }
  const act = async (does: () => Promise<void>) => {
    setBusy(true)
    try {
      await does()
      await queries.invalidateQueries({ queryKey: ['hook', number] })
    } catch (problem) {
      trouble(problem)
    } finally {
      setBusy(false)
      setAsked(null)
    }
  }
  const make = () =>
    act(async () => setMade(await take(api.POST('/api/v1/subscriptions/{number}/hook', path))))
  const remove = () =>
    act(async () => {
      await api.DELETE('/api/v1/subscriptions/{number}/hook', path)
      setMade(null)
    })
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />
  return (
    <section className="hook">
      <h3>
        <Trans>Webhook</Trans>
      </h3>
      {hook == null ? (
        <p className="soft small">
          <Trans>An address at which another program starts a check of this one, and nothing else.</Trans>
        </p>
      ) : (
        <HookFacts hook={hook} />
      )}
      {made && <Secret made={made} />}
      {may && hook !== undefined && (
        <div className="row">
          {hook === null ? (
            <Button icon={Webhook} busy={busy} onClick={() => void make()}>
              <Trans>Make a webhook</Trans>
            </Button>
          ) : (
            <>
              <Button onClick={() => setAsked('renew')}>
                <Trans>New secret</Trans>
              </Button>
              <Button kind="danger" onClick={() => setAsked('remove')}>
                <Trans>Take it away</Trans>
              </Button>
            </>
          )}
        </div>
      )}
      {asked !== null && (
        <Modal
          as="dialog"
          title={
            asked === 'renew' ? (
              <Trans>The old secret stops working</Trans>
            ) : (
              <Trans>The address stops working</Trans>
            )
          }
          onClose={() => setAsked(null)}
          footer={
            <>
              <Button kind="danger" busy={busy} onClick={() => void (asked === 'renew' ? make() : remove())}>
                {asked === 'renew' ? <Trans>Make a new secret</Trans> : <Trans>Take the webhook away</Trans>}
              </Button>
              <Button kind="quiet" onClick={() => setAsked(null)}>
                <Trans>Keep it</Trans>
              </Button>
            </>
          }
        >
          <p className="soft">
            <Trans>Programs that call this webhook are refused until they are told the new one.</Trans>
          </p>
        </Modal>
      )}
    </section>
  )
}

function HookFacts({ hook }: { hook: Schemas['HookView'] }) {
  const { t } = useLingui()
  const ago = formatAgo(hook.called_at ?? hook.created_at)
  return (
    <>
      <Copied label={t`Address`} text={hook.url} />
      <p className="hint">
        {hook.called_at === null ? (
          <Trans>Made {ago}, never called yet.</Trans>
        ) : (
          <Trans>Last called {ago}.</Trans>
        )}
      </p>
    </>
  )
}

/** It is told here and never again. */
function Secret({ made }: { made: Schemas['NewHook'] }) {
  const { t } = useLingui()
  return (
    <div className="note secret" data-family="waiting">
      <div className="grow col">
        <strong>
          <Trans>Copy the secret now. It is not shown again.</Trans>
        </strong>
        <Copied label={t`Secret`} text={made.secret} />
        <Copied label={t`A call of it, for a shell`} text={made.curl} lines />
      </div>
    </div>
  )
}

function Copied({ label, text, lines }: { label: string; text: string; lines?: boolean }) {
  const { t } = useLingui()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      say(t`Copied.`)
    } catch (error) {
      trouble(error)
    }
  }
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="row copied">
        <code className={lines ? 'mono grow lines' : 'mono grow cut'}>{text}</code>
        <Button size="sm" icon={Copy} aria-label={t`Copy: ${label}`} onClick={() => void copy()} />
      </div>
    </div>
  )
}
