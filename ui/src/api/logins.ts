/** The logins of platforms, as whoever offers or keeps them asks for them. */
import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'

export const loginsQuery = queryOptions({
  queryKey: ['logins'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/logins', { signal })),
})
