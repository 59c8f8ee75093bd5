/** The one cache of what the server has told. */
import { QueryClient } from '@tanstack/react-query'
import { live } from './api/live'
import { Problem } from './api/client'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof Problem && error.status > 0 && error.status < 500),
    },
  },
})

live.onReset(() => void queries.invalidateQueries())
