/** What is followed: as cards or as a table, with what is opened of it in a sheet above. */
import { getRouteApi, Outlet, useNavigate } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { LayoutGrid, Plus, Rows3 } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { allQuery } from '../../api/subscriptions'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Empty } from '../../parts/Empty'
import { Trouble } from '../../parts/Trouble'
import { useKeys } from '../../shell/keys'
import { Batch } from './Batch'
import { Cards } from './Cards'
import { fits, ORDERS, useLook, useQuiet, useSteady, useStream } from './data'
import { Filters } from './Filters'
import './following.css'
import { Follow } from './Follow'
import { keptMany } from './draft'
import { MassEdit } from './MassEdit'
import type { Subscription } from './schedule'
import { Summary } from './Summary'
import { useSelection } from './selection'
import { Table } from './Table'

const route = getRouteApi('/inside/following')
const NONE: Subscription[] = []

export function Following() {
  const { t } = useLingui()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/following' })
  const may = useMay('following:write')
  const scroller = useRef<HTMLDivElement>(null)
  const { data: all, error, refetch } = useQuery(allQuery)
  const quiet = useQuiet(all ?? NONE)
  useStream()
  useLook()
  const { view, text, platform, state, reason, sort, follow, edit } = search
  const sorted = useMemo(() => {
    const found = (all ?? []).filter((one) => fits(one, { text, platform, state, reason }, quiet))
    return sort === undefined ? found : found.toSorted(ORDERS[sort])
  }, [all, text, platform, state, reason, sort, quiet])
  const list = useRef<HTMLDivElement>(null)
  const shown = useSteady(sorted, all ?? NONE, JSON.stringify([text, platform, state, reason, sort]), list)
  const ids = useMemo(() => shown.map((one) => one.id), [shown])
  const selection = useSelection(ids)
  const change = (next: Partial<typeof search>, replace = false) =>
    void navigate({ to: '/following', search: (now) => ({ ...now, ...next }), replace })
  useKeys(
    useMemo(
      () => ({
        Escape: () => selection.ids.size > 0 && selection.clear(),
        n: () => void navigate({ to: '/following', search: (now) => ({ ...now, follow: '' }) }),
      }),
      [selection, navigate],
    ),
  )
  const close = () => change({ follow: undefined, edit: undefined })
  return (
    <>
      <div className="body following" ref={scroller}>
        <header className="row wrap head">
          <div className="grow">
            <h1>
              <Trans>Following</Trans>
            </h1>
            <Summary all={all ?? []} />
          </div>
          <span className="seg" role="group" aria-label={t`View`}>
            <button type="button" aria-pressed={view !== 'table'} onClick={() => change({ view: undefined })}>
              <LayoutGrid className="icon" aria-hidden />
              <Trans>Cards</Trans>
            </button>
            <button type="button" aria-pressed={view === 'table'} onClick={() => change({ view: 'table' })}>
              <Rows3 className="icon" aria-hidden />
              <Trans>Table</Trans>
            </button>
          </span>
          {may && (
            <Button kind="primary" icon={Plus} onClick={() => change({ follow: '' })}>
              <Trans>Follow</Trans>
            </Button>
          )}
        </header>
        {error && !all ? (
          <Trouble error={error} onRetry={() => void refetch()} />
        ) : !all ? (
          <Skeletons />
        ) : all.length === 0 ? (
          <Empty
            title={<Trans>Follow somebody, and their posts come in by themselves</Trans>}
            action={
              may && (
                <Button kind="primary" icon={Plus} onClick={() => change({ follow: '' })}>
                  <Trans>Follow the first</Trans>
                </Button>
              )
            }
          >
            <Trans>Profiles, tags, communities, forums and feeds. Paste a link to one of them.</Trans>
          </Empty>
        ) : (
          <>
            <Filters all={all} quiet={quiet} search={search} onChange={change} />
            <p className="vh" role="status">
              <Plural value={shown.length} one="# subscription is shown" other="# subscriptions are shown" />
            </p>
            {shown.length === 0 && (
              <Empty
                title={<Trans>Nothing you follow fits</Trans>}
                action={
                  <Button
                    onClick={() =>
                      change({ text: undefined, platform: undefined, state: undefined, reason: undefined })
                    }
                  >
                    <Trans>Show all</Trans>
                  </Button>
                }
              >
                <Trans>Take one of the filters away, or look for another word.</Trans>
              </Empty>
            )}
          </>
        )}
        <div ref={list}>
          {shown.length === 0 ? null : view === 'table' ? (
            <Table
              shown={shown}
              selection={selection}
              scroller={scroller}
              sort={sort}
              onSort={(next) => change({ sort: next }, true)}
            />
          ) : (
            <Cards shown={shown} selection={selection} scroller={scroller} />
          )}
        </div>
      </div>
      {may && selection.ids.size > 0 && (
        <Batch selection={selection} shown={shown} onEdit={() => change({ edit: true })} />
      )}
      {may && edit && all && (
        <EditChosen
          all={all}
          chosen={shown.filter((one) => selection.has(one.id))}
          onNothing={() => change({ edit: undefined }, true)}
          onClose={close}
        />
      )}
      {may && follow !== undefined && <Follow key="follow" link={follow} onClose={close} />}
      <Outlet />
    </>
  )
}

interface ChosenProps {
  all: readonly Subscription[]
  chosen: readonly Subscription[]
  onNothing: () => void
  onClose: () => void
}

/**
 * Changes those that were selected when it was opened. Where none are, as after a reload, it goes on with those
 * of the draft, and without one it does not open.
 */
function EditChosen({ all, chosen, onNothing, onClose }: ChosenProps) {
  const [begun] = useState(() => {
    const kept = chosen.length > 0 ? [] : (keptMany()?.ids ?? [])
    return chosen.length > 0 ? chosen : all.filter((one) => kept.includes(one.id))
  })
  const [leave] = useState(() => onNothing)
  const nothing = begun.length === 0
  useEffect(() => {
    if (nothing) leave()
  }, [nothing, leave])
  return nothing ? null : <MassEdit chosen={begun} onClose={onClose} />
}

function Skeletons() {
  return (
    <div className="cardrow skeletons" aria-busy="true">
      {[0, 1, 2, 3, 4, 5, 6, 7].map((place) => (
        <div key={place} className="sub skeleton" />
      ))}
    </div>
  )
}
