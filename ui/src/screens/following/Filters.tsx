import { Trans, useLingui } from '@lingui/react/macro'
import { ChevronDown, Search, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Menu } from '../../parts/Menu'
import type { FollowingSort, FollowingState } from '../../routes'
import { platformOf } from '../../words/platforms'
import { REASONS, type Reason } from '../../words/reasons'
import { isIn, QUIET_DAYS } from './data'
import type { Subscription } from './schedule'

interface Search {
  text?: string | undefined
  platform?: string | undefined
  state?: FollowingState | undefined
  reason?: Reason | undefined
  sort?: FollowingSort | undefined
}

interface FiltersProps {
  all: readonly Subscription[]
  quiet: ReadonlySet<number>
  search: Search
  onChange: (next: Search, replace?: boolean) => void
}

const REST_MS = 200

/** What of the list is shown, and in which order. All of it stands in the address. */
export function Filters({ all, quiet, search, onChange }: FiltersProps) {
  const { t, i18n } = useLingui()
  const { state, platform, reason, sort } = search
  const count = (one: FollowingState) => all.filter((each) => isIn(each, one, quiet)).length
  const chips: [FollowingState, React.ReactNode][] = [
    ['failing', <Trans key="f">Needs attention</Trans>],
    ['backfill', <Trans key="b">Back-filling</Trans>],
    ['quiet', <Trans key="q">Quiet for {QUIET_DAYS} days</Trans>],
    ['paused', <Trans key="p">Paused</Trans>],
  ]
  const others: Partial<Record<FollowingState, React.ReactNode>> = {
    you: <Trans>Needs you</Trans>,
    trouble: <Trans>Has trouble</Trans>,
    healthy: <Trans>Healthy</Trans>,
  }
  const platforms = [...new Set(all.map((one) => one.platform))].sort()
  const sorts: Record<FollowingSort | 'newest', string> = {
    newest: t`followed last`,
    next: t`next check`,
    name: t`name`,
    checked: t`last check`,
    health: t`health`,
  }
  const by = sorts[sort ?? 'newest']
  return (
    <div className="row filters">
      <Find text={search.text ?? ''} onChange={(text) => onChange({ text: text || undefined }, true)} />
      {reason !== undefined && (
        <button
          type="button"
          className="chip"
          aria-pressed
          aria-label={t`Show those without this reason, too`}
          onClick={() => onChange({ reason: undefined })}
        >
          {i18n._(REASONS[reason].label)}
          <X className="icon" aria-hidden />
        </button>
      )}
      <button
        type="button"
        className="chip"
        aria-pressed={state === undefined}
        onClick={() => onChange({ state: undefined })}
      >
        <Trans>All</Trans> {all.length}
      </button>
      {state !== undefined && state in others && (
        <button type="button" className="chip" aria-pressed onClick={() => onChange({ state: undefined })}>
          {others[state]} {count(state)}
        </button>
      )}
      {chips.map(([one, words]) => (
        <button
          key={one}
          type="button"
          className="chip"
          aria-pressed={state === one}
          onClick={() => onChange({ state: state === one ? undefined : one })}
        >
          {words} {count(one)}
        </button>
      ))}
      <span className="grow" />
      {platforms.length > 1 && (
        <Menu
          label={t`Platform`}
          align="end"
          trigger={(anchor) => (
            <button {...anchor} type="button" className="chip" data-on={platform ? '' : undefined}>
              {platform ? platformOf(platform).name : <Trans>All platforms</Trans>}
              <ChevronDown className="icon" aria-hidden />
            </button>
          )}
          choices={[
            {
              key: 'all',
              label: <Trans>All platforms</Trans>,
              end: all.length,
              onSelect: () => onChange({ platform: undefined }),
            },
            ...platforms.map((one) => ({
              key: one,
              label: platformOf(one).name,
              icon: platformOf(one).icon,
              end: all.filter((each) => each.platform === one).length,
              onSelect: () => onChange({ platform: one }),
            })),
          ]}
        />
      )}
      <Menu
        label={t`Order`}
        align="end"
        trigger={(anchor) => (
          <button {...anchor} type="button" className="chip">
            <Trans>Sort: {by}</Trans>
            <ChevronDown className="icon" aria-hidden />
          </button>
        )}
        choices={(['newest', 'next', 'name', 'checked', 'health'] as const).map((one) => ({
          key: one,
          label: sorts[one],
          onSelect: () => onChange({ sort: one === 'newest' ? undefined : one }),
        }))}
      />
    </div>
  )
}

function Find({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useLingui()
  const [typed, setTyped] = useState(text)
  const [told, setTold] = useState(text)
  if (told !== text) {
    setTold(text)
    setTyped(text)
  }
  useEffect(() => {
    if (typed.trim() === text) return undefined
    const timer = setTimeout(() => onChange(typed.trim()), REST_MS)
    return () => clearTimeout(timer)
  }, [typed, text, onChange])
  return (
    <label className="input find">
      <Search className="icon" aria-hidden />
      <input
        type="search"
        value={typed}
        aria-label={t`Find among what you follow`}
        placeholder={t`Find`}
        onChange={(event) => setTyped(event.target.value)}
      />
      {typed !== '' && (
        <button type="button" aria-label={t`Clear`} onClick={() => setTyped('')}>
          <X className="icon" aria-hidden />
        </button>
      )}
    </label>
  )
}
