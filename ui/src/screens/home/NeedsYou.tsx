import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { RotateCw, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { api, take } from '../../api/client'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { RemedyLink } from '../../parts/Remedy'
import { queries } from '../../queries'
import type { Need } from '../../shell/needs'
import { say } from '../../shell/toasts'
import { trouble } from '../../shell/undo'
import { titleOf } from '../../words/jobs'
import { platformOf } from '../../words/platforms'
import { wordsOf } from '../../words/reasons'
import { remedyOf } from '../../words/remedies'

/** What only a person can settle, each with what settles it. Nothing at all where nothing is. */
export function NeedsYou({ needs }: { needs: Need[] }) {
  if (needs.length === 0) return null
  return (
    <section id="needs">
      <header>
        <h2>
          <Trans>Needs you</Trans>
        </h2>
      </header>
      <div className="col">
        {needs.map((need) => (
          <One key={need.key} need={need} />
        ))}
      </div>
    </section>
  )
}

function One({ need }: { need: Need }) {
  const Icon = wordsOf(need.reason)?.icon ?? TriangleAlert
  const waiting = need.jobs.length + need.subscriptions.length
  return (
    <div className="note" data-family="you">
      <Icon className="icon" aria-hidden />
      <div className="grow">
        <div className="strong">
          <Title need={need} />
        </div>
        <div className="small soft">
          {waiting === 1 && titleOf(need)}
          {waiting > 1 && <Waiting need={need} />}
        </div>
      </div>
      {waiting > 0 && <Again need={need} />}
      <Remedy need={need} />
    </div>
  )
}

function Title({ need }: { need: Need }) {
  const { i18n } = useLingui()
  const platform = need.platform === 'web' ? hostOf(need.title) : platformOf(need.platform ?? '').name
  switch (need.reason) {
    case 'login_required':
      return <Trans>{platform} shows this to its members only</Trans>
    case 'challenge':
      return <Trans>{platform} wants to know that you are a person</Trans>
  }
  const words = wordsOf(need.reason)
  return <>{need.alarm || words === null ? need.title : i18n._(words.sentence)}</>
}

/** A page on the web is called by its host. */
function hostOf(title: string) {
  return URL.canParse(title) ? new URL(title).host : title
}

function Waiting({ need }: { need: Need }) {
  const { jobs, subscriptions } = need
  const [many, others] = [subscriptions.length, jobs.length]
  if (jobs.length === 0)
    return <Plural value={subscriptions.length} one="# subscription waits." other="# subscriptions wait." />
  if (subscriptions.length === 0)
    return <Plural value={jobs.length} one="# job waits." other="# jobs wait." />
  return (
    <Trans>
      {many} subscriptions and {others} jobs wait.
    </Trans>
  )
}

/** Leads to where a need is settled. */
function Remedy({ need }: { need: Need }) {
  const reason = need.reason === 'disk' ? 'disk_full' : need.reason
  if (remedyOf(reason, need.platform ?? '') !== null)
    return <RemedyLink reason={reason} platform={need.platform ?? ''} />
  return (
    <Link to="/settings/health" className="btn" data-kind="you">
      <Trans>Look at it</Trans>
    </Link>
  )
}

/** What waits goes on at once: for after it was settled elsewhere. */
function Again({ need }: { need: Need }) {
  const [busy, setBusy] = useState(false)
  const may = useMay('queue:write')
  const mayFollow = useMay('following:write')
  const again = async () => {
    setBusy(true)
    try {
      await Promise.all([
        need.jobs.length > 0 &&
          take(api.POST('/api/v1/jobs/batch', { body: { action: 'retry', ids: need.jobs } })),
        ...need.subscriptions.map((number) =>
          take(api.POST('/api/v1/subscriptions/{number}/sync', { params: { path: { number } } })),
        ),
      ])
      say(<Trans>It is tried again now.</Trans>)
      await queries.invalidateQueries({ queryKey: ['needs'] })
    } catch (error) {
      trouble(error, again)
    } finally {
      setBusy(false)
    }
  }
  if (!may || (need.subscriptions.length > 0 && !mayFollow)) return null
  return (
    <Button kind="quiet" icon={RotateCw} busy={busy} onClick={() => void again()}>
      <Trans>Try again</Trans>
    </Button>
  )
}
