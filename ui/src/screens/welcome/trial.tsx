import { Trans } from '@lingui/react/macro'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Check, CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { api, take } from '../../api/client'
import { formatBytes } from '../../words/format'

/** A trial of the library's folder: a file is written, read back and removed. */
export const trialQuery = queryOptions({
  queryKey: ['setup', 'library'],
  queryFn: () => take(api.POST('/api/v1/setup/library')),
  staleTime: 60_000,
  retry: false,
})

/** What was found out of the library, as three quiet ticks. */
export function Ticks() {
  const { data } = useQuery(trialQuery)
  if (data === undefined) return <ul className="ticks" aria-busy="true" />
  const free = formatBytes(data.free)
  const names = Object.keys(data.extractors).join(', ')
  return (
    <ul className="ticks small soft">
      <Tick ok={data.writable}>
        {data.writable ? (
          <Trans>Library folder is writable</Trans>
        ) : (
          <Trans>Library folder is not writable</Trans>
        )}
      </Tick>
      <Tick ok={data.free > data.reserve}>
        <Trans>{free} free</Trans>
      </Tick>
      <Tick ok>
        <Trans>{names} are ready</Trans>
      </Tick>
    </ul>
  )
}

function Tick({ ok, children }: { ok: boolean; children: ReactNode }) {
  const Icon = ok ? Check : CircleAlert
  return (
    <li data-ok={ok ? '' : undefined}>
      <Icon className="icon" aria-hidden />
      {children}
    </li>
  )
}
