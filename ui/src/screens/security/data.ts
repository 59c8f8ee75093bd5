/** What the page of one's own security knows. All of it lies under `me`, and is asked for anew together. */
import { queryOptions } from '@tanstack/react-query'
import { api, take } from '../../api/client'
import { queries } from '../../queries'

const mine = <T>(name: string, ask: () => Promise<T>) =>
  queryOptions({ queryKey: ['me', name], queryFn: ask })

export const factorsQuery = mine('factors', () => take(api.GET('/api/v1/me/factors')))
export const passkeysQuery = mine('passkeys', () =>
  take(api.GET('/api/v1/me/passkeys')).then((told) => told.items),
)
export const sessionsQuery = mine('sessions', () =>
  take(api.GET('/api/v1/me/sessions')).then((told) => told.items),
)
export const keysQuery = mine('keys', () => take(api.GET('/api/v1/api-keys')).then((told) => told.items))
export const identitiesQuery = mine('identities', () =>
  take(api.GET('/api/v1/me/identities')).then((told) => told.items),
)
export const latelyQuery = (account: number) =>
  queryOptions({
    queryKey: ['me', 'lately'],
    queryFn: () =>
      take(api.GET('/api/v1/audit', { params: { query: { account, limit: 6 } } })).then((told) => told.items),
  })

/** Asks anew for whatever is known of oneself. */
export const askAnew = () => queries.invalidateQueries({ queryKey: ['me'] })

export const OLD_MS = 90 * 86_400_000
