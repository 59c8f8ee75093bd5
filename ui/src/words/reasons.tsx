/** The closed set of reasons: what each is called, to which family it belongs, and its sign. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  Ban,
  CircleSlash,
  CopyCheck,
  FileWarning,
  Funnel,
  Ghost,
  HardDrive,
  Hourglass,
  KeyRound,
  Layers2,
  RotateCw,
  Scaling,
  ShieldQuestionMark,
  Trash2,
  Unplug,
  Wrench,
  type LucideIcon,
} from 'lucide-react'
import type { Schemas } from '../api/client'

export type Reason = Schemas['Reason']

/** settled: on purpose · waiting: goes on by itself · you: needs a person · stuck: could not. */
export type Family = 'settled' | 'waiting' | 'you' | 'stuck'

export interface ReasonWords {
  family: Family
  icon: LucideIcon
  label: MessageDescriptor
  /** What it means and what follows, for where there is room and no facts are known. */
  sentence: MessageDescriptor
}

export const REASONS: Record<Reason, ReasonWords> = {
  known: {
    family: 'settled',
    icon: CopyCheck,
    label: msg`Already have it`,
    sentence: msg`It is in your library already.`,
  },
  filtered: {
    family: 'settled',
    icon: Funnel,
    label: msg`Filtered`,
    sentence: msg`A filter of yours leaves it out.`,
  },
  deleted: {
    family: 'settled',
    icon: Trash2,
    label: msg`Deleted by you`,
    sentence: msg`You deleted it, so it is not brought again.`,
  },
  duplicate: {
    family: 'settled',
    icon: Layers2,
    label: msg`Same picture`,
    sentence: msg`You have this picture from another post.`,
  },
  cancelled: {
    family: 'settled',
    icon: CircleSlash,
    label: msg`Cancelled`,
    sentence: msg`It was cancelled.`,
  },
  rate_limited: {
    family: 'waiting',
    icon: Hourglass,
    label: msg`Waiting for the limit`,
    sentence: msg`The platform allows more later. It goes on by itself.`,
  },
  unavailable: {
    family: 'waiting',
    icon: RotateCw,
    label: msg`Trying again`,
    sentence: msg`The platform does not answer. It is tried again by itself.`,
  },
  login_required: {
    family: 'you',
    icon: KeyRound,
    label: msg`Login needed`,
    sentence: msg`The platform shows this to its members only.`,
  },
  challenge: {
    family: 'you',
    icon: ShieldQuestionMark,
    label: msg`Check to solve`,
    sentence: msg`The platform wants to know that you are a person.`,
  },
  disk_full: {
    family: 'you',
    icon: HardDrive,
    label: msg`Disk full`,
    sentence: msg`There is no room left where your library lies.`,
  },
  gone: {
    family: 'stuck',
    icon: Ghost,
    label: msg`Gone at source`,
    sentence: msg`It is no longer on the platform.`,
  },
  site_changed: {
    family: 'stuck',
    icon: Wrench,
    label: msg`Site changed`,
    sentence: msg`The platform has changed, and Gatherum does not understand it yet.`,
  },
  unsupported: {
    family: 'stuck',
    icon: Unplug,
    label: msg`Not supported`,
    sentence: msg`Gatherum knows no way to bring this.`,
  },
  too_large: {
    family: 'stuck',
    icon: Scaling,
    label: msg`Too large`,
    sentence: msg`It is larger than your limit.`,
  },
  corrupt: {
    family: 'stuck',
    icon: FileWarning,
    label: msg`Arrived damaged`,
    sentence: msg`It arrived damaged. Nothing broken was kept.`,
  },
  refused: {
    family: 'stuck',
    icon: Ban,
    label: msg`Refused by policy`,
    sentence: msg`A rule of safety forbids this address.`,
  },
}

/** The words of a reason as the API names it; null if it is none. */
export function wordsOf(reason: string | null | undefined): ReasonWords | null {
  return reason != null && reason in REASONS ? REASONS[reason as Reason] : null
}

/** The reasons that need a person. */
export const YOURS = (Object.keys(REASONS) as Reason[]).filter((reason) => REASONS[reason].family === 'you')
