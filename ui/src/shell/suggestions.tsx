/** What the bar offers for a text that is no link: searches, places, and things to do. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import {
  ArrowDownToLine,
  Bookmark,
  CircleHelp,
  Hash,
  House,
  Images,
  KeyRound,
  Pause,
  Play,
  Rss,
  Search,
  Settings2,
  ShieldCheck,
  Stethoscope,
  SunMoon,
  Trash2,
  type LucideIcon,
} from 'lucide-react'
import { useEffect, useState } from 'react'
import { api, take } from '../api/client'
import { useMay } from '../api/me'
import { tagsQuery } from '../api/tags'
import { LANES, type Lane } from '../words/jobs'
import { useCompleting } from '../screens/search/completing'
import { valueWords } from '../screens/search/words'
import { formatNumber } from '../words/format'
import { platformOf } from '../words/platforms'
import { pauseLane, useLanes } from './lanes'
import type { Option } from './Paste'
import { chooseTheme } from './theme'

const REST_MS = 150
const OF_EACH = 4
const UNASKED = 6
const TAG = 'tag:'
const PLATFORM = 'platform:'

/** Suggestions for a text, as soon as the bar is open; without a text, where one may want to go. */
export function useSuggestions(text: string, open: boolean): Option[] {
  const navigate = useNavigate()
  const completions = useCompletions(text, open)
  const typed = text.trim()
  const searches = useSearches(typed, open)
  const commands = useCommands(open)
  const search = (q: string) => () => void navigate({ to: '/library', search: { q } })
  const words = typed.toLowerCase().split(/\s+/)
  const fits = ({ name }: { name: string }) => words.every((word) => name.toLowerCase().includes(word))
  if (typed === '')
    return [
      ...searches.saved.slice(0, OF_EACH).map((saved) => ({
        key: `saved ${saved.id}`,
        icon: Bookmark,
        label: saved.name,
        about: saved.query,
        run: search(saved.query),
      })),
      ...commands.slice(0, UNASKED).map(({ option }) => option),
    ]
  return [
    {
      key: 'search',
      icon: Search,
      label: <Trans>Search the library</Trans>,
      about: typed,
      hotkey: 'Enter',
      run: search(text.trimStart()),
    },
    ...completions,
    ...searches.saved
      .filter(fits)
      .slice(0, OF_EACH)
      .map((saved) => ({
        key: `saved ${saved.id}`,
        icon: Bookmark,
        label: saved.name,
        about: saved.query,
        run: search(saved.query),
      })),
    ...searches.tags.slice(0, OF_EACH).map(({ value, count }) => ({
      key: `tag ${value}`,
      icon: Hash,
      label: value,
      about: <Trans>tag, {count} media</Trans>,
      run: search(TAG + quoted(value)),
    })),
    ...searches.platforms
      .filter((id) => fits(platformOf(id)))
      .slice(0, OF_EACH)
      .map((id) => ({
        key: `platform ${id}`,
        icon: platformOf(id).icon,
        label: platformOf(id).name,
        about: <Trans>all from this platform</Trans>,
        run: search(PLATFORM + quoted(id)),
      })),
    ...commands
      .filter(fits)
      .slice(0, UNASKED)
      .map(({ option }) => option),
  ]
}

/** The values that the condition at the end of a text may have. */
function useCompletions(text: string, open: boolean): Option[] {
  const { typing, titles, offered } = useCompleting(text, '', open)
  const begun = text.slice(0, typing.at)
  return offered
    .filter(({ kind }) => kind === 'value')
    .map(({ text: value, name, value: said, count }) => ({
      key: `value ${name} ${said}`,
      icon: Search,
      label: valueWords(name, said, titles),
      about: count === undefined ? `${name}:` : `${name}: · ${formatNumber(count)}`,
      completes: begun + value,
      run: () => undefined,
    }))
}

function useSearches(typed: string, open: boolean) {
  const [prefix, setPrefix] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setPrefix(typed.replace(/^tag:/, '')), REST_MS)
    return () => clearTimeout(timer)
  }, [typed])
  const saved = useQuery({
    queryKey: ['searches'],
    queryFn: () => take(api.GET('/api/v1/searches')),
    enabled: open,
  })
  const tags = useQuery({
    ...tagsQuery(prefix),
    enabled: open && prefix !== '' && !prefix.includes(' '),
  })
  const stats = useQuery({ ...statsQuery, enabled: open })
  const platforms = new Set(stats.data?.library.counts.map((count) => count.platform))
  return { saved: saved.data?.items ?? [], tags: tags.data?.items ?? [], platforms: [...platforms] }
}

export const statsQuery = {
  queryKey: ['stats'],
  queryFn: () => take(api.GET('/api/v1/stats')),
  staleTime: 60_000,
}

interface Command {
  name: string
  option: Option
}

function useCommands(open: boolean): Command[] {
  const { t, i18n } = useLingui()
  const navigate = useNavigate()
  const maySteer = useMay('queue:write')
  const lanes = useLanes(open).data?.lanes ?? []
  const command = (key: string, icon: LucideIcon, name: string, run: () => void): Command => ({
    name,
    option: { key, icon, label: name, run },
  })
  const pausing = (lane: Lane, paused: boolean) => {
    const name = i18n._(LANES[lane].name)
    return command(
      `pause ${lane}`,
      paused ? Play : Pause,
      paused ? t`Resume lane “${name}”` : t`Pause lane “${name}”`,
      () => void pauseLane(lane, '', !paused),
    )
  }
  return [
    command('home', House, t`Go to Home`, () => void navigate({ to: '/' })),
    command('library', Images, t`Go to Library`, () => void navigate({ to: '/library' })),
    command('following', Rss, t`Go to Following`, () => void navigate({ to: '/following' })),
    command('queue', ArrowDownToLine, t`Go to Queue`, () => void navigate({ to: '/queue' })),
    command('settings', Settings2, t`Go to Settings`, () => void navigate({ to: '/settings' })),
    command('keys', CircleHelp, t`Show the keys`, () => void navigate({ to: '/help' })),
    command('bin', Trash2, t`Go to Recycle bin`, () => void navigate({ to: '/library/bin' })),
    command('logins', KeyRound, t`Go to Logins`, () => void navigate({ to: '/settings/logins' })),
    command(
      'security',
      ShieldCheck,
      t`Go to Account and security`,
      () => void navigate({ to: '/settings/security' }),
    ),
    command('health', Stethoscope, t`Go to Health`, () => void navigate({ to: '/settings/health' })),
    command('light', SunMoon, t`Light colours`, () => chooseTheme('light')),
    command('dark', SunMoon, t`Dark colours`, () => chooseTheme('dark')),
    ...(maySteer ? lanes.map(({ lane, paused_since }) => pausing(lane, paused_since !== null)) : []),
  ]
}

/** A value as the grammar of searches wants it: between quotation marks if it has blanks or signs. */
export function quoted(value: string) {
  return /^[\p{L}\p{N}_.-]+$/u.test(value) ? value : `"${value.replaceAll('"', '')}"`
}
