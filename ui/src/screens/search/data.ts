/** What the server knows of a search. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { api, take, type Schemas } from '../../api/client'
import { tagsQuery } from '../../api/tags'
import { without } from '../../words/queryEdits'

const FRESH_MS = 60_000

export const countQuery = (q: string) =>
  queryOptions({
    queryKey: ['media-count', q],
    queryFn: ({ signal }) => take(api.GET('/api/v1/media/count', { params: { query: { q } }, signal })),
    placeholderData: keepPreviousData,
  })

const facetsQuery = (q: string) =>
  queryOptions({
    queryKey: ['media-facets', q],
    queryFn: ({ signal }) => take(api.GET('/api/v1/media/facets', { params: { query: { q } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  })

/** By what a search could be narrowed. With `of`, as if it said nothing of that name: what else there is. */
export function useFacets(
  q: string,
  { of, enabled = true }: { of?: string | string[]; enabled?: boolean } = {},
) {
  const names = of === undefined ? [] : [of].flat()
  return useQuery({ ...facetsQuery(names.reduce(without, q)), enabled })
}

/** The values of a name among the facets; none for a name without. */
export function facetOf(facets: Schemas['Facets'] | undefined, name: string): readonly Schemas['Facet'][] {
  if (facets === undefined) return []
  const found = { ...facets }[name as keyof Schemas['Facets']]
  return Array.isArray(found) ? found.filter((one): one is Schemas['Facet'] => 'value' in one) : []
}

export function useCalendar(q: string, from: string, to: string, enabled: boolean) {
  const rest = without(q, 'date')
  return useQuery({
    queryKey: ['media-calendar', rest, from, to],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/media/calendar', { params: { query: { q: rest, from, to } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    enabled,
  })
}

export function useTags(prefix: string, enabled = true) {
  return useQuery({ ...tagsQuery(prefix), placeholderData: keepPreviousData, enabled })
}

export const savedQuery = queryOptions({
  queryKey: ['searches'],
  queryFn: () => take(api.GET('/api/v1/searches')),
})
