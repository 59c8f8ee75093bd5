/** The events of the audit in words. */
import type { MessageDescriptor } from '@lingui/core'
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  DoorOpen,
  KeyRound,
  LogIn,
  LogOut,
  Settings2,
  ShieldCheck,
  ShieldX,
  Trash2,
  UserRoundCog,
  ArrowRightLeft,
  type LucideIcon,
} from 'lucide-react'
import type { Schemas } from '../api/client'

type AuditEntry = Schemas['AuditEntry']

interface Words {
  icon: LucideIcon
  said: MessageDescriptor
  /** Something that was not let through. */
  bad?: true
}

const EVENTS: Record<string, Words> = {
  'sign_in.ok': { icon: LogIn, said: msg`Signed in` },
  'sign_in.begun': { icon: LogIn, said: msg`Password right, second factor asked` },
  'sign_in.failed': { icon: ShieldX, said: msg`Sign-in refused`, bad: true },
  sign_out: { icon: LogOut, said: msg`Signed out` },
  'factor.ok': { icon: ShieldCheck, said: msg`Second factor right` },
  'factor.failed': { icon: ShieldX, said: msg`Second factor wrong`, bad: true },
  'factor.added': { icon: ShieldCheck, said: msg`Second factor added` },
  'factor.removed': { icon: ShieldX, said: msg`Second factor removed` },
  'factor.renamed': { icon: ShieldCheck, said: msg`Second factor renamed` },
  'sudo.ok': { icon: ShieldCheck, said: msg`Proved it again` },
  'sudo.failed': { icon: ShieldX, said: msg`Proof wrong`, bad: true },
  'session.ended': { icon: LogOut, said: msg`Browser signed out` },
  'password.changed': { icon: KeyRound, said: msg`Password changed` },
  'password.reset': { icon: KeyRound, said: msg`Password chosen by a token` },
  'password.reset_offered': { icon: KeyRound, said: msg`Token for a new password made` },
  setup: { icon: DoorOpen, said: msg`Set up` },
  'account.added': { icon: UserRoundCog, said: msg`Account added` },
  'account.changed': { icon: UserRoundCog, said: msg`Account changed` },
  'account.removed': { icon: UserRoundCog, said: msg`Account removed` },
  'key.added': { icon: KeyRound, said: msg`API key made` },
  'key.removed': { icon: KeyRound, said: msg`API key revoked` },
  'token.made': { icon: KeyRound, said: msg`Bearer token made` },
  'settings.changed': { icon: Settings2, said: msg`Settings changed` },
  'login.changed': { icon: KeyRound, said: msg`Platform login changed` },
  'login.tested': { icon: KeyRound, said: msg`Platform login tested` },
  denied: { icon: ShieldX, said: msg`Not allowed`, bad: true },
  exported: { icon: ArrowRightLeft, said: msg`Exported` },
  imported: { icon: ArrowRightLeft, said: msg`Imported` },
  purged: { icon: Trash2, said: msg`Removed for ever` },
}

const METHODS: Record<string, MessageDescriptor> = {
  password: msg`password`,
  totp: msg`app`,
  passkey: msg`passkey`,
  duo: msg`Duo`,
  recovery: msg`recovery code`,
  oidc: msg`provider`,
  setup: msg`set-up token`,
}

/** How something was proven, such as `password+totp`, in words. */
export function methodsIn(methods: string): string {
  return methods
    .split('+')
    .map((method) => (METHODS[method] === undefined ? method : i18n._(METHODS[method])))
    .join(' + ')
}

export function wordsOfEvent(event: string): Words {
  return EVENTS[event] ?? { icon: Settings2, said: { id: event, message: event } }
}

/** Numbers of things, which say nothing to people. */
const IDS = ['key', 'ended', 'account', 'session']

/** What is known of an event beside its kind, in a few words. */
export function detailOf({ detail }: AuditEntry): string {
  return Object.entries(detail)
    .filter(([name]) => !IDS.includes(name))
    .map(([name, value]) => {
      if (name === 'method' || name === 'factor') return methodsIn(String(value))
      if (Array.isArray(value)) return value.join(', ')
      if (value !== null && typeof value === 'object') return `${name}: ${JSON.stringify(value)}`
      return `${name}: ${String(value)}`
    })
    .join(' · ')
}

/** Beginnings of names of events that one may look for. */
export const FAMILIES: [string, MessageDescriptor][] = [
  ['sign_in', msg`Signing in`],
  ['factor', msg`Second factors`],
  ['sudo', msg`Proofs`],
  ['password', msg`Passwords`],
  ['account', msg`Accounts`],
  ['key', msg`API keys`],
  ['settings', msg`Settings`],
  ['denied', msg`Not allowed`],
]
