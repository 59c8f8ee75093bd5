/** The checks of health and their alarms: what each is called, and what helps. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  Database,
  DatabaseBackup,
  FileCheck2,
  HardDrive,
  Hourglass,
  Lock,
  Scale,
  Waypoints,
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
  ways: {
    label: msg`Ways`,
    icon: Waypoints,
    remedy: msg`Newer extractors may help: “gatherum extractors update”. Until then nothing new comes from there.`,
    to: '/settings',
    section: 'canary',
    button: msg`Canaries`,
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
