/** The tags of the library that begin with some letters, the most used first. */
import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'

export const tagsQuery = (prefix: string) =>
  queryOptions({
    queryKey: ['tags', prefix],
    queryFn: ({ signal }) => take(api.GET('/api/v1/tags', { params: { query: { prefix } }, signal })),
  })
