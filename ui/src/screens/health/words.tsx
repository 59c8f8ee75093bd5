/** What checks, alarms and lines of the log are called, and what helps. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  CircleAlert,
  CircleDot,
  Clapperboard,
  Database,
  DatabaseBackup,
  FileCheck2,
  Flag,
  HardDrive,
  Hourglass,
  ListOrdered,
  Lock,
  Play,
  Scale,
  TriangleAlert,
  Unplug,
  Workflow,
  type LucideIcon,
} from 'lucide-react'

interface CheckWords {
  label: MessageDescriptor
  icon: LucideIcon
  remedy: MessageDescriptor
  to?: '/queue' | '/library/bin' | '/settings' | '/settings/logs'
  section?: string
  text?: string
  button?: MessageDescriptor
}

export const CHECKS: Readonly<Record<string, CheckWords>> = {
  database: {
    label: msg`Database`,
    icon: Database,
    remedy: msg`See that its disk is not full and, of PostgreSQL, that it runs.`,
  },
  executor: {
    label: msg`Who performs jobs`,
    icon: Workflow,
    remedy: msg`Start “gatherum serve” or “gatherum worker”. Jobs wait where they are.`,
  },
  queue: {
    label: msg`Queue`,
    icon: Hourglass,
    remedy: msg`Something holds the others up: look at what runs, and at paused lanes.`,
    to: '/queue',
    button: msg`Open the queue`,
  },
  disk: {
    label: msg`Disk`,
    icon: HardDrive,
    remedy: msg`Make room, or lower what stays free. Downloads go on by themselves.`,
    to: '/library/bin',
    button: msg`Open the bin`,
  },
  locks: {
    label: msg`Writing`,
    icon: Lock,
    remedy: msg`Another program holds the database, or its disk is slow.`,
    to: '/settings/logs',
    text: 'database',
    button: msg`See the log`,
  },
  size: {
    label: msg`Size of the database`,
    icon: Scale,
    remedy: msg`Keep old records for fewer days, or allow more.`,
    to: '/settings',
    section: 'retention',
    button: msg`Old records`,
  },
  files: {
    label: msg`Files`,
    icon: FileCheck2,
    remedy: msg`“gatherum check --repair” fetches again what can be had.`,
    to: '/settings/logs',
    text: 'damage',
    button: msg`See the log`,
  },
  backup: {
    label: msg`Backup`,
    icon: DatabaseBackup,
    remedy: msg`The next one is tried on schedule. Older copies stay.`,
    to: '/settings',
    section: 'backup',
    button: msg`Backups`,
  },
}

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
