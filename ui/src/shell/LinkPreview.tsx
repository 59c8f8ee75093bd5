import { Link } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Check, FileText, Image, Music, Play } from 'lucide-react'
import { addressOf, type Schemas } from '../api/client'
import { Picture } from '../parts/Picture'
import { PlatformSign } from '../parts/Platform'
import { ReasonPill } from '../parts/Reason'
import { Sentence } from '../parts/Trouble'
import { formatDay } from '../words/format'
import { plainly } from '../words/jobs'
import { platformOf } from '../words/platforms'
import type { Entry, Preview } from './entry'
import { kindOfFeed, LINK_KINDS } from './links'

const ICONS: Record<string, typeof Image> = { image: Image, video: Play, audio: Music, document: FileText }
const SHOWN = 8

/** What is behind the one link: what it is called, its newest, and how much of that we have. */
export function LinkPreview({ entry }: { entry: Entry }) {
  const { i18n } = useLingui()
  const [link] = entry.links
  const { data, error, loading } = entry.preview
  if (link === undefined) return null
  const platform = data?.platform ?? link.platform
  const kind = kindOfFeed(data?.feed ?? null) ?? link.kind
  const name = nameOf(data, link.name) || plainly(link.url)
  return (
    <div className="seen">
      <div className="row head">
        <PlatformSign platform={platform ?? 'web'} size="lg" named />
        <div className="grow">
          <div className="strong cut name">{name}</div>
          <div className="small muted cut">
            {[platform !== null && platformOf(platform).name, kind !== null && i18n._(LINK_KINDS[kind])]
              .filter(Boolean)
              .join(' · ') || <Trans>Its host will say what it is</Trans>}
          </div>
        </div>
        <Standing data={data} loading={loading} />
      </div>
      {error !== null && (
        <p className="small soft">
          <Sentence error={error} /> <Trans>You can get it all the same.</Trans>
        </p>
      )}
      {data?.detail != null && <p className="small soft">{data.detail}</p>}
      {loading && (
        <div className="eight" aria-busy="true">
          {Array.from({ length: SHOWN }, (_, index) => (
            <span key={index} className="photo skeleton" />
          ))}
        </div>
      )}
      {data !== undefined && data.items.length > 0 && (
        <>
          <div className="eight">
            {data.items.map((item, index) => (
              <Glimpse key={index} item={item} />
            ))}
          </div>
          <p className="small muted">
            <Held states={data.states} />
          </p>
        </>
      )}
    </div>
  )
}

function Standing({ data, loading }: { data: Preview | undefined; loading: boolean }) {
  if (data?.subscription != null)
    return (
      <Link
        to="/following/$subscription"
        params={{ subscription: String(data.subscription) }}
        className="reason"
        data-family="ok"
      >
        <Check className="icon" aria-hidden />
        <Trans>Followed</Trans>
      </Link>
    )
  if (data?.reason != null) return <ReasonPill reason={data.reason} />
  if (data !== undefined && data.items.length > 0)
    return (
      <span className="reason" data-family="ok">
        <Check className="icon" aria-hidden />
        <Trans>Reachable</Trans>
      </span>
    )
  return loading ? (
    <span className="small muted">
      <Trans>Looking</Trans>
    </span>
  ) : null
}

function Glimpse({ item }: { item: Schemas['LinkItem'] }) {
  const { t } = useLingui()
  const held = item.media !== null && item.state === 'stored'
  const Icon = ICONS[item.kind] ?? FileText
  const date = item.posted_at === null ? '' : formatDay(item.posted_at)
  return (
    <Picture
      src={held ? addressOf(`/api/v1/files/${item.media}/thumbnail`) : null}
      alt={held ? t`Yours already: ${date}` : t`New: ${date}`}
      data-held={held ? '' : undefined}
    >
      {held ? (
        <span className="tag bl">
          <Check className="icon" aria-hidden />
        </span>
      ) : (
        <span className="plain" aria-hidden>
          <Icon className="icon" />
          <span>{date.replace(/,? \d{4}$/, '')}</span>
        </span>
      )}
    </Picture>
  )
}

function Held({ states }: { states: Record<string, number> }) {
  const all = Object.values(states).reduce((sum, count) => sum + count, 0)
  const held = states.stored ?? 0
  if (held === all)
    return <Plural value={all} one="You have the newest one." other="You have all of the newest #." />
  if (held === 0)
    return (
      <Plural value={all} one="The newest one is new to you." other="All of the newest # are new to you." />
    )
  return (
    <Trans>
      Of the newest {all}, you already have {held}.
    </Trans>
  )
}

function nameOf(data: Preview | undefined, name: string) {
  if (data?.key == null || data.key.includes('/')) return name
  return data.key
}
