/** What can be done to what is selected: the bar at the lower edge, and what it asks for. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Calendar, Download, Heart, Tag, TextCursorInput, Trash2, X } from 'lucide-react'
import { Suspense, useEffect } from 'react'
import { useMay } from '../api/me'
import { Button } from '../parts/Button'
import { lazily } from '../parts/lazily'
import { useWorking } from '../shell/ending'
import { formatBytes, formatNumber } from '../words/format'
import type { Desk } from './desk'
import type { Doing, Plan } from './doing'
import type { Panel } from './keys'
import { MOST_PACKED } from './packing'

const panels = () => import('./Panels')
const Before = lazily(async () => (await panels()).Before)
const DatePanel = lazily(async () => (await panels()).DatePanel)
const DescriptionPanel = lazily(async () => (await panels()).DescriptionPanel)
const JumpPanel = lazily(async () => (await panels()).JumpPanel)
const TagPanel = lazily(async () => (await panels()).TagPanel)

interface BatchProps {
  desk: Desk
  q: string
  doing: Doing
  panel: Panel
  onPanel: (panel: Panel) => void
  plan: Plan | null
  onPlan: (plan: Plan | null) => void
}

const BAR = 84 // pixels that the bar covers

export function Batch({ desk, q, doing, panel, onPanel, plan, onPlan }: BatchProps) {
  const { selection, controller } = desk
  const working = useWorking()
  const shown = !selection.isEmpty || working !== null
  useEffect(() => {
    controller.cover(shown ? BAR : 0)
  }, [controller, shown])
  const close = () => onPanel(null)
  return (
    <>
      {shown && (
        <div className="batch gallery-batch">
          {working ? (
            <Working done={working.done + working.same + working.left} total={working.total} />
          ) : (
            <Sum desk={desk} />
          )}
          {!working && <Verbs desk={desk} doing={doing} onPanel={onPanel} />}
        </div>
      )}
      <span className="vh" role="status">
        {!selection.isEmpty && <Plural value={selection.size} one="# selected" other="# selected" />}
      </span>
      <Suspense>
        {panel === 'tag' && <TagPanel count={selection.size} onTag={doing.tag} onClose={close} />}
        {panel === 'date' && (
          <DatePanel count={selection.size} onDate={doing.date} onShift={doing.shift} onClose={close} />
        )}
        {panel === 'description' && (
          <DescriptionPanel count={selection.size} onDescribe={doing.describe} onClose={close} />
        )}
        {panel === 'jump' && <JumpPanel desk={desk} onClose={close} />}
        {plan && <Before desk={desk} q={q} plan={plan} onClose={() => onPlan(null)} />}
      </Suspense>
    </>
  )
}

function Sum({ desk: { selection } }: { desk: Desk }) {
  const { size, posts, bytes, everything } = selection
  const weight = formatBytes(bytes)
  const many = formatNumber(size)
  return (
    <span className="sum">
      <b className="strong">
        {everything && !everything.exact ? (
          <Trans>More than {many} selected</Trans>
        ) : (
          <Plural value={size} one="# selected" other="# selected" />
        )}
      </b>
      <br />
      <span className="tiny faint">
        {posts === null ? (
          <Trans>all of them · {weight}</Trans>
        ) : (
          <>
            <Plural value={posts} one="from # post" other="from # posts" /> · {weight}
          </>
        )}
      </span>
    </span>
  )
}

function Working({ done, total }: { done: number; total: number }) {
  const { t } = useLingui()
  const now = formatNumber(done)
  const all = formatNumber(total)
  return (
    <span className="sum working">
      <b className="strong">
        <Trans>
          {now} of {all} done
        </Trans>
      </b>
      <progress className="vh" value={done} max={total} aria-label={t`Changing`} />
      <span className="bar" aria-hidden>
        <i style={{ width: `${(100 * done) / Math.max(1, total)}%` }} />
      </span>
    </span>
  )
}

function Verbs({
  desk: { selection },
  doing,
  onPanel,
}: {
  desk: Desk
  doing: Doing
  onPanel: BatchProps['onPanel']
}) {
  const { t } = useLingui()
  const may = useMay('library:write')
  const tooMany = selection.size > MOST_PACKED
  const most = formatNumber(MOST_PACKED)
  return (
    <div role="toolbar" aria-label={t`Selection`} className="row verbs">
      {may && (
        <>
          <Button icon={Heart} onClick={doing.favourite}>
            <Trans>Favourite</Trans>
          </Button>
          <Button icon={Tag} onClick={() => onPanel('tag')}>
            <Trans>Tag</Trans>
          </Button>
          <Button icon={Calendar} onClick={() => onPanel('date')}>
            <Trans>Edit date</Trans>
          </Button>
          <Button icon={TextCursorInput} onClick={() => onPanel('description')}>
            <Trans>Describe</Trans>
          </Button>
        </>
      )}
      <Button
        icon={Download}
        onClick={doing.download}
        disabled={tooMany}
        title={tooMany ? t`A ZIP holds at most ${most} files. Select fewer.` : undefined}
      >
        <Trans>Download</Trans>
      </Button>
      {may && (
        <Button icon={Trash2} onClick={doing.trash}>
          <Trans>Delete</Trans>
        </Button>
      )}
      <Button icon={X} aria-label={t`Drop the selection`} onClick={() => selection.clear()} />
    </div>
  )
}
