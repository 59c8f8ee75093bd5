/** The lanes as they stand, and how they are paused. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Trans } from '@lingui/react/macro'
import { useCallback } from 'react'
import { api, take, type Schemas } from '../api/client'
import { useLive } from '../api/live'
import { useMay } from '../api/me'
import { queries } from '../queries'
import { LANES, type Lane } from '../words/jobs'
import { platformOf } from '../words/platforms'
import { useRefresh } from '../api/refresh'
import { i18n } from '@lingui/core'
import { done, trouble } from './undo'

export type Lanes = Schemas['Lanes']

export const lanesQuery = queryOptions({
  queryKey: ['lanes'],
  queryFn: () => take(api.GET('/api/v1/lanes')),
})

/** The lanes, as they stand while somebody looks. */
export function useLanes(enabled = true) {
  const may = useMay('queue:read')
  const refresh = useRefresh(lanesQuery.queryKey, 1000)
  const anew = useCallback(() => void queries.invalidateQueries({ queryKey: lanesQuery.queryKey }), [])
  useLive('lane', anew)
  useLive('job', refresh)
  return useQuery({ ...lanesQuery, enabled: enabled && may })
}

/** Pauses a lane, or one platform of it (`''` is the whole lane), or lets it go on; says how to undo. */
export async function pauseLane(lane: Lane, platform: string, paused: boolean) {
  try {
    await setPaused(lane, platform, paused)
  } catch (error) {
    trouble(error, () => pauseLane(lane, platform, paused))
    return
  }
  const name = platform === '' ? i18n._(LANES[lane].name) : platformOf(platform).name
  done(paused ? <Trans>Paused: {name}</Trans> : <Trans>Goes on: {name}</Trans>, () =>
    setPaused(lane, platform, !paused),
  )
}

export async function setPaused(lane: Lane, platform: string, paused: boolean) {
  const call = { params: { path: { lane } }, body: { platform } }
  const told = paused
    ? api.POST('/api/v1/lanes/{lane}/pause', call)
    : api.POST('/api/v1/lanes/{lane}/resume', call)
  const lanes = await take(told)
  const { queryKey } = lanesQuery
  void queries.cancelQueries({ queryKey }) // what was asked before the change may be told after it
  queries.setQueryData(queryKey, lanes)
  void queries.invalidateQueries({ queryKey })
}
