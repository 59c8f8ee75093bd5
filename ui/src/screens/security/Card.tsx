import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Trouble } from '../../parts/Trouble'

interface CardProps<T> {
  title: ReactNode
  query: UseQueryOptions<T, Error, T, string[]>
  /** The button beside the title. */
  action?: (data: T) => ReactNode
  children: (data: T) => ReactNode
  wide?: boolean
}

/** One matter of the page: its list, the skeleton before it, and what is wrong instead of it. */
export function Card<T>({ title, query, action, children, wide }: CardProps<T>) {
  const { data, error, refetch } = useQuery(query)
  return (
    <section className="card" data-wide={wide ? '' : undefined}>
      <header className="row">
        <h2 className="grow">{title}</h2>
        {data !== undefined && action?.(data)}
      </header>
      {error !== null ? (
        <Trouble error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <div className="waits skeletons" aria-busy="true" />
      ) : (
        children(data)
      )}
    </section>
  )
}
