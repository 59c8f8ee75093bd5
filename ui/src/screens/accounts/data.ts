/** What the page of accounts asks for. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from '../../api/client'
import { queries } from '../../queries'

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: () => take(api.GET('/api/v1/accounts')).then((told) => told.items),
})

const of = (number: number) => ({ params: { path: { number } } })

export const browsersQuery = (account: number) =>
  queryOptions({
    queryKey: ['accounts', account, 'sessions'],
    queryFn: () =>
      take(api.GET('/api/v1/accounts/{number}/sessions', of(account))).then((told) => told.items),
  })

export const keysQuery = (account: number) =>
  queryOptions({
    queryKey: ['accounts', account, 'keys'],
    queryFn: () =>
      take(api.GET('/api/v1/accounts/{number}/api-keys', of(account))).then((told) => told.items),
  })

export const auditQuery = (event: string | undefined, account: number | undefined) =>
  infiniteQueryOptions({
    queryKey: ['audit', event ?? '', account ?? 0],
    queryFn: ({ pageParam: cursor }) =>
      take(
        api.GET('/api/v1/audit', {
          params: {
            query: {
              limit: 50,
              ...(cursor === null ? {} : { cursor }),
              ...(event === undefined ? {} : { event }),
              ...(account === undefined ? {} : { account }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  })

/** Asks anew for the accounts and what belongs to them. */
export const askAnew = () =>
  Promise.all([
    queries.invalidateQueries({ queryKey: ['accounts'] }),
    queries.invalidateQueries({ queryKey: ['audit'] }),
  ])
