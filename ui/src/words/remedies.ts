/** What a person can do about a reason: where that is done, and what it is called there. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export interface Remedy {
  label: MessageDescriptor
  to: '/settings/logins' | '/library/bin' | '/settings'
  search?: { add: string } | { section: string }
  hash?: string
}

/** Null where nothing can be done at any place: it goes on by itself, or never will. */
export function remedyOf(reason: string | null, platform: string): Remedy | null {
  switch (reason) {
    case 'login_required':
      return { label: msg`Add login`, to: '/settings/logins', search: { add: platform } }
    case 'challenge':
      return { label: msg`See logins`, to: '/settings/logins' }
    case 'disk_full':
      return { label: msg`Free up space`, to: '/library/bin' }
    case 'too_large':
      return {
        label: msg`See the limit`,
        to: '/settings',
        search: { section: 'network' },
        hash: 'network.max_file_size',
      }
  }
  return null
}
