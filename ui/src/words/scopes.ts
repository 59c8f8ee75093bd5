/** Scopes and roles in words. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Schemas } from '../api/client'

type Scope = Schemas['Scope']
export type Role = Schemas['Role']

export const SCOPES: Record<Scope, MessageDescriptor> = {
  'library:read': msg`See the library`,
  'library:write': msg`Change and trash what is in the library`,
  'following:read': msg`See what is followed`,
  'following:write': msg`Follow, change and unfollow`,
  'queue:read': msg`See the queue`,
  'queue:write': msg`Add links, cancel and try again`,
  'logins:read': msg`See that logins exist`,
  'logins:write': msg`Add and change logins`,
  'settings:read': msg`See the settings`,
  'settings:write': msg`Change the settings`,
  'accounts:read': msg`See the accounts`,
  'accounts:write': msg`Add and change accounts`,
  'audit:read': msg`Read the audit log`,
  'metrics:read': msg`Read the metrics`,
  transfer: msg`Export and import`,
  purge: msg`Remove files for ever`,
  self: msg`Act for your own account`,
}

export const ROLES: Record<Role, { name: MessageDescriptor; about: MessageDescriptor }> = {
  admin: { name: msg`Administrator`, about: msg`may do everything` },
  editor: { name: msg`Editor`, about: msg`gets, follows and changes` },
  viewer: { name: msg`Viewer`, about: msg`looks only` },
}
