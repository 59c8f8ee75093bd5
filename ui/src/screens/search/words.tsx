/** What the conditions of searches are called, and their values as people read them. */
import type { MessageDescriptor } from '@lingui/core'
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { FileText, Image, Music2, Play, type LucideIcon } from 'lucide-react'
import { formatDay } from '../../words/format'
import { platformOf } from '../../words/platforms'
import { wordsOf } from '../../words/reasons'
import type { Condition } from '../../words/query'
import { rangeOf, type Range } from '../../words/queryEdits'
import { firstDay } from './dates'
import type { Titles } from './titles'

const LABELS: Record<string, MessageDescriptor> = {
  added: msg`stored`,
  author: msg`author`,
  date: msg`date`,
  duration: msg`length`,
  file: msg`file name`,
  height: msg`height`,
  host: msg`host`,
  is: msg`is`,
  kind: msg`kind`,
  platform: msg`platform`,
  ratio: msg`shape`,
  reason: msg`reason`,
  size: msg`size`,
  source: msg`subscription`,
  state: msg`state`,
  tag: msg`tag`,
  text: msg`caption has`,
  type: msg`type`,
  width: msg`width`,
}

/** What each asks, in one line, for who meets it for the first time. */
const MEANINGS: Record<string, MessageDescriptor> = {
  added: msg`when it was stored: 2024-03`,
  author: msg`who posted it`,
  date: msg`its day: 2024, 2024-03..2024-06`,
  duration: msg`10s..10m`,
  file: msg`letters in the name of the file`,
  height: msg`in pixels: >=1080`,
  host: msg`where a platform lives on many`,
  is: msg`favourite, gone, edited, damaged`,
  kind: msg`picture, video, audio, document`,
  platform: msg`where it came from`,
  ratio: msg`width to height: >1 is wide`,
  reason: msg`why it was not fetched`,
  size: msg`of the file: >20MB`,
  source: msg`number of a subscription`,
  state: msg`stored, trashed, failed, skipped, open`,
  tag: msg`a tag of yours`,
  text: msg`letters somewhere in the caption`,
  type: msg`video/mp4`,
  width: msg`in pixels: >=1920`,
}

const KINDS: Record<string, { label: MessageDescriptor; icon: LucideIcon }> = {
  image: { label: msg`Pictures`, icon: Image },
  video: { label: msg`Videos`, icon: Play },
  audio: { label: msg`Audio`, icon: Music2 },
  document: { label: msg`Documents`, icon: FileText },
}
/** The sign of a kind. Its name stands beside it. */
export function KindSign({ kind }: { kind: string }) {
  const known = KINDS[kind]
  return known ? <known.icon className="icon" aria-hidden /> : null
}

const CHOICES: Record<string, Record<string, MessageDescriptor>> = {
  state: {
    stored: msg`Stored`,
    trashed: msg`In the bin`,
    failed: msg`Failed`,
    skipped: msg`Left out`,
    open: msg`On its way`,
  },
  is: {
    favourite: msg`Favourites`,
    gone: msg`Gone at source`,
    damaged: msg`Damaged file`,
    edited: msg`Edited at source`,
  },
}

/** The values of the names that have a closed set of them. */
export const CLOSED: Record<string, readonly string[]> = {
  kind: Object.keys(KINDS),
  state: Object.keys(CHOICES.state ?? {}),
  is: Object.keys(CHOICES.is ?? {}),
}

export function labelOf(name: string): string {
  const label = LABELS[name]
  return label === undefined ? name : i18n._(label)
}

export function meaningOf(name: string): string {
  const meaning = MEANINGS[name]
  return meaning === undefined ? '' : i18n._(meaning)
}

/** A value as people read it; a subscription by its title, where that is known. */
export function valueWords(name: string, value: string, titles?: Titles): string {
  if (name === 'source') return titles?.get(value) ?? i18n._(msg`number ${value}`)
  if (name === 'platform') return platformOf(value).name
  if (name === 'type') return typeWords(value)
  if (name === 'reason') {
    const words = wordsOf(value)
    return words === null ? value : i18n._(words.label)
  }
  const known = name === 'kind' ? KINDS[value]?.label : CHOICES[name]?.[value]
  return known === undefined ? value : i18n._(known)
}

function typeWords(value: string): string {
  const [main = '', sub] = value.replace(/\/\*$/, '').split('/')
  if (sub !== undefined) return sub.replace(/^(x-|vnd\.)/, '').toUpperCase()
  return main in KINDS ? valueWords('kind', main) : value
}

const isDate = (name: string) => name === 'date' || name === 'added'
const dayWords = (value: string) => (/^\d{4}-\d\d-\d\d$/.test(value) ? formatDay(firstDay(value)) : value)

/** A range in words: `2 MB – 5 MB`, `from 12 Oct 2026`, `under 10 s`. */
export function rangeWords(name: string, { from, to }: Range): string {
  const form = isDate(name) ? dayWords : spaced
  const [start, end] = [form(from), form(to)]
  if (from === to) return start
  if (to === '') return isDate(name) ? i18n._(msg`since ${start}`) : i18n._(msg`from ${start}`)
  return from === '' ? i18n._(msg`up to ${end}`) : `${start} – ${end}`
}

const spaced = (value: string) => value.replace(/(\d)(?=[A-Za-z])/g, '$1\u202f')

/** What stands in a token behind its name. */
export function conditionWords(condition: Condition, titles?: Titles): string {
  const { name, sign, values } = condition
  if (isDate(name)) return rangeWords(name, rangeOf(condition))
  if ((sign === '>' || sign === '<') && values[0] !== undefined) return `${sign}${spaced(values[0])}`
  if (name === 'size' || name === 'duration') return rangeWords(name, rangeOf(condition))
  if (sign !== ':' && sign !== '=') return `${sign}${values.join(', ')}`
  return values.map((value) => valueWords(name, value, titles)).join(', ')
}
