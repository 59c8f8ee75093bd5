/** What sections and fields are called. A setting that is not listed is called by its schema. */
import type { MessageDescriptor } from '@lingui/core'
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  Archive,
  Bird,
  AtSign,
  Boxes,
  Camera,
  CalendarClock,
  FolderTree,
  Gauge,
  KeySquare,
  ListChecks,
  PackageCheck,
  Settings2,
  ShieldCheck,
  SlidersVertical,
  Sparkles,
  type LucideIcon,
} from 'lucide-react'
import { formatBytes, formatNumber } from '../../words/format'
import type { Fault, FieldSchema, Value } from './form'

export interface SectionWords {
  name: string
  label: MessageDescriptor
  icon: LucideIcon
  group: 'library' | 'upkeep' | 'access'
}

export const SECTIONS: readonly SectionWords[] = [
  { name: 'network', label: msg`Downloads`, icon: Gauge, group: 'library' },
  { name: 'library', label: msg`Files and folders`, icon: FolderTree, group: 'library' },
  { name: 'processing', label: msg`Thumbnails and facts`, icon: Sparkles, group: 'library' },
  { name: 'jobs', label: msg`Work at once`, icon: ListChecks, group: 'library' },
  { name: 'instagram', label: msg`Instagram`, icon: Camera, group: 'library' },
  { name: 'x', label: msg`X`, icon: AtSign, group: 'library' },
  { name: 'backup', label: msg`Backups`, icon: Archive, group: 'upkeep' },
  { name: 'canary', label: msg`Canaries`, icon: Bird, group: 'upkeep' },
  { name: 'extractors', label: msg`Extractors`, icon: PackageCheck, group: 'upkeep' },
  { name: 'retention', label: msg`Old records`, icon: CalendarClock, group: 'upkeep' },
  { name: 'security', label: msg`Sessions and factors`, icon: ShieldCheck, group: 'access' },
  { name: 'oidc', label: msg`OpenID`, icon: KeySquare, group: 'access' },
  { name: 'duo', label: msg`Duo`, icon: Boxes, group: 'access' },
]
export const ENVIRONMENT: SectionWords = {
  name: 'environment',
  label: msg`Environment`,
  icon: SlidersVertical,
  group: 'upkeep',
}
export const GROUPS = {
  library: msg`Bringing and keeping`,
  upkeep: msg`Upkeep`,
  access: msg`Who gets in`,
} as const

/** The words of a section; one that is new here is called by its name. */
export function sectionOf(name: string): SectionWords {
  const known = [...SECTIONS, ENVIRONMENT].find((section) => section.name === name)
  return known ?? { name, label: { id: name, message: name }, icon: Settings2, group: 'upkeep' }
}

export type Unit = 'bytes' | 'days' | 'seconds'
interface FieldWords {
  label: MessageDescriptor
  unit?: Unit
  /** What no value is called. */
  none?: MessageDescriptor
  /** A code that is read letter by letter. */
  code?: 'template' | 'timing' | true
  /** Belongs behind the switch of the same section. */
  under?: string
}

const DAYS = { unit: 'days' } as const

export const FIELDS: Readonly<Record<string, FieldWords>> = {
  'network.pace': { label: msg`Pace` },
  'network.connections': { label: msg`Downloads at once` },
  'network.connections_per_host': { label: msg`Downloads at once from one server` },
  'network.timeout': { label: msg`Stalled after`, unit: 'seconds' },
  'network.retries': { label: msg`Tries after the first` },
  'network.max_file_size': { label: msg`Largest file`, unit: 'bytes', none: msg`No limit` },
  'network.requests_per_day': { label: msg`Requests a day with one login`, none: msg`By platform` },
  'library.template': { label: msg`File name`, code: 'template' },
  'library.free_space_reserve': {
    label: msg`Keep free on the disk`,
    unit: 'bytes',
    none: msg`By the size of the disk`,
  },
  'library.trash_days': { label: msg`Recycle bin keeps`, ...DAYS },
  'instagram.viewer_sites': { label: msg`Ask viewer sites` },
  'x.viewer_sites': { label: msg`Ask viewer sites` },
  'x.nitter_instances': { label: msg`Nitter instances`, code: true, under: 'viewer_sites' },
  'jobs.interactive': { label: msg`Pasted links` },
  'jobs.sync': { label: msg`Subscriptions` },
  'jobs.housekeeping': { label: msg`Upkeep` },
  'processing.enabled': { label: msg`Look into new files` },
  'processing.workers': { label: msg`Files at once`, under: 'enabled' },
  'processing.previews': { label: msg`Scrub sheets and previews`, under: 'enabled' },
  'security.require_second_factor': { label: msg`Second factor for everybody` },
  'security.session_idle_days': { label: msg`Unused sessions end after`, ...DAYS },
  'security.session_days': { label: msg`All sessions end after`, ...DAYS },
  'security.allow_plain_http': { label: msg`Plain http` },
  'oidc.enabled': { label: msg`Sign in with OpenID` },
  'oidc.issuer': { label: msg`Provider`, under: 'enabled' },
  'oidc.client_id': { label: msg`Client id`, code: true, under: 'enabled' },
  'oidc.client_secret': { label: msg`Client secret`, under: 'enabled' },
  'oidc.label': { label: msg`Words on the button`, under: 'enabled' },
  'oidc.scopes': { label: msg`Scopes`, code: true, under: 'enabled' },
  'oidc.make_accounts': { label: msg`Make accounts`, under: 'enabled' },
  'oidc.default_role': { label: msg`Role of new accounts`, under: 'enabled' },
  'oidc.role_claim': { label: msg`Claim of the groups`, code: true, under: 'enabled' },
  'oidc.admin_groups': { label: msg`Groups of administrators`, under: 'enabled' },
  'oidc.editor_groups': { label: msg`Groups of editors`, under: 'enabled' },
  'oidc.link_by_email': { label: msg`Join accounts by address`, under: 'enabled' },
  'duo.enabled': { label: msg`Offer Duo` },
  'duo.api_host': { label: msg`API host`, code: true, under: 'enabled' },
  'duo.client_id': { label: msg`Client id`, code: true, under: 'enabled' },
  'duo.client_secret': { label: msg`Client secret`, under: 'enabled' },
  'duo.allow_when_down': { label: msg`Let people in while Duo is away`, under: 'enabled' },
  'backup.enabled': { label: msg`Back up on a schedule` },
  'backup.schedule': { label: msg`When`, code: 'timing', under: 'enabled' },
  'backup.keep': { label: msg`Copies kept`, under: 'enabled' },
  'canary.enabled': { label: msg`List canaries on a schedule` },
  'canary.schedule': { label: msg`When`, code: 'timing', under: 'enabled' },
  'canary.links': { label: msg`Links`, code: true, under: 'enabled' },
  'extractors.update': { label: msg`Update by itself` },
  'extractors.schedule': { label: msg`When to look`, code: 'timing', under: 'update' },
  'retention.jobs_days': { label: msg`Finished jobs`, ...DAYS },
  'retention.decisions_days': { label: msg`Decisions`, ...DAYS },
  'retention.audit_days': { label: msg`Audit`, ...DAYS },
  'retention.database_alarm': { label: msg`Alarm for the database`, unit: 'bytes', none: msg`Never` },
}

/** The words of a field: ours, else those of its schema. */
export function fieldOf(key: string, schema?: FieldSchema): FieldWords {
  const known = FIELDS[key]
  if (known) return known
  const title = schema?.title ?? key.split('.')[1]?.replaceAll('_', ' ') ?? key
  return { label: { id: title, message: title } }
}

const INTL_UNITS = { days: 'day', seconds: 'second' } as const

/** A number with its unit, as people read it. */
export function inUnit(value: number, unit: Unit | undefined): string {
  if (unit === undefined) return formatNumber(value)
  if (unit === 'bytes') return formatBytes(value)
  return new Intl.NumberFormat(i18n.locale, {
    style: 'unit',
    unit: INTL_UNITS[unit],
    unitDisplay: 'long',
  }).format(value)
}

/** A value in words. Of a secret only whether it is set. */
export function valueInWords(key: string, value: Value, secret: boolean): string {
  const { unit, none } = fieldOf(key)
  if (secret) return value ? i18n._(msg`set`) : i18n._(msg`not set`)
  if (value === null) return i18n._(none ?? msg`none`)
  if (typeof value === 'boolean') return value ? i18n._(msg`on`) : i18n._(msg`off`)
  if (typeof value === 'number') return inUnit(value, unit)
  if (typeof value === 'string') return value === '' ? i18n._(msg`empty`) : value
  return value.length ? value.join(', ') : i18n._(msg`empty`)
}

/** What is wrong with what was typed, and what would be right. */
export function faultInWords(key: string, fault: Fault): string {
  const { unit } = fieldOf(key)
  switch (fault.why) {
    case 'number':
      return i18n._(msg`A number is needed.`)
    case 'whole':
      return i18n._(msg`A whole number is needed.`)
    case 'empty':
      return i18n._(msg`It cannot be empty.`)
    case 'choice':
      return i18n._(msg`Choose one of the list.`)
    case 'low': {
      const least = inUnit(fault.min, unit)
      return i18n._(msg`At least ${least}.`)
    }
    case 'high': {
      const most = inUnit(fault.max, unit)
      return i18n._(msg`At most ${most}.`)
    }
    case 'between': {
      const [least, most] = [formatNumber(fault.min), inUnit(fault.max, unit)]
      return i18n._(msg`From ${least} to ${most}.`)
    }
    case 'long': {
      const most = formatNumber(fault.longest)
      return i18n._(msg`At most ${most} characters.`)
    }
  }
}

/** What follows from a change beyond the words of the field; null where that is clear. */
export function consequenceOf(key: string, before: Value, after: Value): string | null {
  const less = typeof before === 'number' && typeof after === 'number' && after < before
  switch (key) {
    case 'network.pace':
      return after === 0 ? i18n._(msg`Nothing waits any more. Platforms ban for that.`) : null
    case 'library.template':
      return i18n._(msg`New files go there. Those you have stay where they are.`)
    case 'library.trash_days':
      if (after === 0) return i18n._(msg`Nothing leaves the bin by itself.`)
      return less || before === 0 ? i18n._(msg`Older files leave the bin for good tonight.`) : null
    case 'instagram.viewer_sites':
      return after ? i18n._(msg`Strangers learn whom you follow on Instagram.`) : null
    case 'x.viewer_sites':
      return after ? i18n._(msg`Strangers learn whom you follow on X.`) : null
    case 'jobs.interactive':
    case 'jobs.sync':
    case 'jobs.housekeeping':
      return i18n._(msg`Counts when Gatherum starts again.`)
    case 'retention.jobs_days':
    case 'retention.decisions_days':
    case 'retention.audit_days':
      return less ? i18n._(msg`Older records go for good tonight.`) : null
    case 'security.require_second_factor':
      return after ? i18n._(msg`Whoever has none sets one up before anything else.`) : null
    case 'security.session_idle_days':
    case 'security.session_days':
      return less ? i18n._(msg`Some browsers may be signed out.`) : null
    case 'security.allow_plain_http':
      return after ? i18n._(msg`Passwords can be read on the way.`) : null
    case 'backup.enabled':
      return after ? null : i18n._(msg`No copies are made from now on. Those you have stay.`)
    case 'backup.keep':
      return less ? i18n._(msg`The oldest copies go after the next one.`) : null
    default:
      return null
  }
}
