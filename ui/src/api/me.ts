/** Who is signed in, and what they may do. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { api, take, type Schemas } from './client'
import { live } from './live'

export type Scope = Schemas['Scope']

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    const me = await take(api.GET('/api/v1/me'))
    live.begin(me.position) // what the page loads is loaded after this
    return me
  },
  staleTime: 60_000,
  retry: false,
})

export function useMe() {
  return useSuspenseQuery(meQuery).data
}

/** Whether whoever is signed in may do what a scope allows. */
export function useMay(scope: Scope) {
  return useMe().scopes.includes(scope)
}
