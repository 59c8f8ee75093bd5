/** What the lines of the log are called. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  CircleAlert,
  CircleDot,
  Clapperboard,
  Flag,
  ListOrdered,
  Play,
  TriangleAlert,
  Unplug,
  type LucideIcon,
} from 'lucide-react'

interface EventWords {
  icon: LucideIcon
  label: MessageDescriptor
}

/** The steps of a job. Other lines are shown under their own name. */
export const STEPS: Readonly<Record<string, EventWords>> = {
  'job begun': { icon: Play, label: msg`Begun` },
  listed: { icon: ListOrdered, label: msg`Listed` },
  stored: { icon: Clapperboard, label: msg`Stored` },
  not_fetched: { icon: CircleAlert, label: msg`Not fetched` },
  provider_failed: { icon: Unplug, label: msg`A way failed` },
  no_new_addresses: { icon: Unplug, label: msg`No new addresses` },
  engine_failed: { icon: TriangleAlert, label: msg`An extractor failed` },
  'job failed': { icon: TriangleAlert, label: msg`Failed` },
  'job crashed': { icon: TriangleAlert, label: msg`A fault of ours` },
  'job ended': { icon: Flag, label: msg`Ended` },
}
export const OTHER_STEP = CircleDot

export const LEVELS: Readonly<Record<string, MessageDescriptor>> = {
  debug: msg`debug`,
  info: msg`info`,
  warning: msg`warning`,
  error: msg`error`,
  critical: msg`critical`,
}
