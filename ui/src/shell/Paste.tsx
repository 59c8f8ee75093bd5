/** What to do with links: what is behind them, the three verbs, and what became of those handed in. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ArrowDownToLine, ListPlus, Rss, SlidersHorizontal, X, type LucideIcon } from 'lucide-react'
import { Suspense, type ReactNode } from 'react'
import { useMay } from '../api/me'
import { Button } from '../parts/Button'
import { lazily } from '../parts/lazily'
import { PlatformSign } from '../parts/Platform'
import { plainly } from '../words/jobs'
import { NEWEST, type Entry } from './entry'
import { isOne, LINK_KINDS } from './links'
import './omnibar.css'

/** What stands under the bar once it holds a link: asked for when somebody goes to the bar. */
export const loadDrop = () => import('./drop')
const LinkOptions = lazily(async () => (await loadDrop()).LinkOptions)
const LinkPreview = lazily(async () => (await loadDrop()).LinkPreview)
const SentRows = lazily(async () => (await loadDrop()).SentRows)

/** One row of the list under the bar: what `Enter` does when it is the active one. */
export interface Option {
  key: string
  icon: LucideIcon
  label: ReactNode
  about?: ReactNode
  /** The key that does it from anywhere in the bar. */
  hotkey?: string
  /** What is typed goes on with this: the bar stays open. */
  completes?: string
  run: () => void
}

/** The verbs for the links of an entry, the first of which `Enter` does. */
export function useVerbs(entry: Entry, onOptions: () => void): Option[] {
  const mayGet = useMay('queue:write')
  const mayFollow = useMay('following:write')
  const { links, preview, kind } = entry
  if (links.length === 0) return []
  const single = links.every((link, index) => isOne(index === 0 ? kind : link.kind))
  const schedule = links.length === 1 ? preview.data?.schedule : undefined
  const verbs: Option[] = []
  if (mayGet)
    verbs.push({
      key: 'get',
      icon: ArrowDownToLine,
      label: <Trans>Get now</Trans>,
      about: single ? (
        <Plural value={links.length} one="into your library" other="all # into your library" />
      ) : (
        <>
          <Trans>the newest {NEWEST}</Trans>
          <span className="desk">
            <Trans>; with Shift, everything</Trans>
          </span>
        </>
      ),
      hotkey: 'Enter',
      run: () => entry.get(single ? null : NEWEST),
    })
  if (mayFollow && !single && preview.data?.subscription == null)
    verbs.push({
      key: 'follow',
      icon: Rss,
      label: <Trans>Follow</Trans>,
      about:
        schedule === undefined ? (
          <Trans>new posts by themselves, older ones slowly</Trans>
        ) : (
          <Trans>{schedule}, then older posts slowly</Trans>
        ),
      hotkey: 'Ctrl Enter',
      run: () => entry.follow(),
    })
  if (mayGet && links.length === 1 && !single)
    verbs.push({
      key: 'options',
      icon: SlidersHorizontal,
      label: mayFollow ? <Trans>Follow with options</Trans> : <Trans>Get with options</Trans>,
      about: <Trans>kinds, dates, size, schedule</Trans>,
      hotkey: 'Alt Enter',
      run: onOptions,
    })
  if (mayGet && links.length > 1 && !single)
    verbs.push({
      key: 'all',
      icon: ListPlus,
      label: <Trans>Get everything</Trans>,
      about: <Plural value={links.length} one="behind the link" other="behind all # links" />,
      hotkey: 'Alt Enter',
      run: () => entry.get(null),
    })
  return verbs
}

interface PasteProps {
  entry: Entry
  /** The list of the verbs, drawn by whoever holds the field. */
  children: ReactNode
  options: boolean
  onOptions: (open: boolean) => void
}

export function Paste({ entry, children, options, onOptions }: PasteProps) {
  const may = useMay('queue:write')
  const { links, sent } = entry
  return (
    <>
      {links.length === 1 && (
        <Suspense>
          <LinkPreview entry={entry} />
        </Suspense>
      )}
      {links.length > 1 && <ManyLinks entry={entry} />}
      {links.length > 0 && !may && (
        <p className="said small soft">
          <Trans>Your account may look at the library, and bring nothing in.</Trans>
        </p>
      )}
      {options && links.length === 1 ? (
        <Suspense>
          <LinkOptions entry={entry} onClose={() => onOptions(false)} />
        </Suspense>
      ) : (
        children
      )}
      {sent.length > 0 && (
        <Suspense>
          <SentRows entry={entry} />
        </Suspense>
      )}
    </>
  )
}

function ManyLinks({ entry }: { entry: Entry }) {
  const { t, i18n } = useLingui()
  const { links, remove } = entry
  return (
    <div className="many">
      <h3>
        <Plural value={links.length} one="# link" other="# links" />
      </h3>
      <ul>
        {links.map(({ url, platform, kind }) => (
          <li key={url} className="row">
            <PlatformSign platform={platform ?? 'web'} named />
            <span className="grow cut">{plainly(url)}</span>
            {kind !== null && <span className="small muted">{i18n._(LINK_KINDS[kind])}</span>}
            <Button
              kind="quiet"
              size="sm"
              icon={X}
              aria-label={t`Leave out ${{ address: plainly(url) }}`}
              onClick={() => remove(url)}
            />
          </li>
        ))}
      </ul>
    </div>
  )
}
