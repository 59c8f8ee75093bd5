import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Pause, Play } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { setPaused, useLanes, type Lanes } from '../../shell/lanes'
import { done, trouble } from '../../shell/undo'
import { Finished } from './Finished'
import { JobSheet } from './JobSheet'
import { Living } from './Living'
import { Today } from './Today'
import './queue.css'

export function Queue() {
  const { job, tab, state, lane, since, reason, platform } = useSearch({ from: '/inside/queue' })
  const navigate = useNavigate({ from: '/queue' })
  const lanes = useLanes().data
  const maySteer = useMay('queue:write')
  return (
    <div className="body queue">
      <header className="row head">
        <div className="grow">
          <h1>
            <Trans>Queue</Trans>
          </h1>
          <p className="soft sum">{lanes && <Sum lanes={lanes} />}</p>
        </div>
        <Tabs />
        {maySteer && lanes && <PauseAll lanes={lanes} />}
      </header>
      {tab === 'finished' ? (
        <Finished state={state} lane={lane ?? 'interactive'} since={since} />
      ) : tab === 'needs' ? (
        <Finished state={undefined} lane="all" since={undefined} needs={{ reason, platform }} />
      ) : (
        <Living lanes={lanes} />
      )}
      <Today />
      {job !== undefined && (
        <JobSheet
          key={job}
          id={job}
          onClose={() => void navigate({ to: '/queue', search: (old) => ({ ...old, job: undefined }) })}
        />
      )}
    </div>
  )
}

function Sum({ lanes }: { lanes: Lanes }) {
  const { t, i18n } = useLingui()
  const add = (name: 'running' | 'queued' | 'waiting') =>
    lanes.lanes.reduce((sum, lane) => sum + lane[name], 0)
  const [running, queued, waiting] = [add('running'), add('queued'), add('waiting')]
  const all = running + queued + waiting
  if (all === 0) return <Trans>Nothing is on its way.</Trans>
  const parts = [
    running > 0 && t`${running} running`,
    queued > 0 && t`${queued} in line`,
    waiting > 0 && t`${waiting} waiting for a better time`,
  ].filter((part) => part !== false)
  const list = new Intl.ListFormat(i18n.locale).format(parts)
  return (
    <>
      <Plural value={all} one="# job" other="# jobs" />: {list}.
    </>
  )
}

function Tabs() {
  const { t } = useLingui()
  return (
    <nav className="seg" aria-label={t`Which jobs`}>
      <Link to="/queue" search={{ tab: undefined }} activeOptions={{ explicitUndefined: true }}>
        <Trans>Running and waiting</Trans>
      </Link>
      <Link to="/queue" search={{ tab: 'needs' }} activeOptions={{ exact: false }}>
        <Trans>Needs you</Trans>
      </Link>
      <Link to="/queue" search={{ tab: 'finished' }}>
        <Trans>Finished</Trans>
      </Link>
    </nav>
  )
}

/** Pauses every lane that goes, or lets all go on. */
function PauseAll({ lanes }: { lanes: Lanes }) {
  const { t } = useLingui()
  const [busy, setBusy] = useState(false)
  const going = lanes.lanes.filter((lane) => lane.paused_since === null)
  const pauses = going.length > 0
  const which = (pauses ? going : lanes.lanes).map(({ lane }) => lane)
  const set = async (paused: boolean) => {
    for (const lane of which) await setPaused(lane, '', paused)
  }
  const act = async () => {
    setBusy(true)
    try {
      await set(pauses)
      done(pauses ? <Trans>Everything is paused.</Trans> : <Trans>Everything goes on.</Trans>, () =>
        set(!pauses),
      )
    } catch (error) {
      trouble(error, act)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      icon={pauses ? Pause : Play}
      busy={busy}
      aria-label={pauses ? t`Pause everything` : t`Let everything go on`}
      onClick={() => void act()}
    >
      <span className="desk">{pauses ? <Trans>Pause everything</Trans> : <Trans>Go on</Trans>}</span>
    </Button>
  )
}
