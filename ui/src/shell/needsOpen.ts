/** The filters that show exactly what a need counts. */
import type { Schemas } from '../api/client'
import type { Need } from './needs'

/** Why a job needs somebody; `none`: it tells no reason. */
export type JobReason = Schemas['Reason'] | 'none'

/** In the queue: the jobs of a need. */
export const needSearch = ({ reason, platform }: Need) => ({
  tab: 'needs' as const,
  reason: (reason ?? 'none') as JobReason,
  platform: platform ?? undefined,
})

/** The jobs of a need, and no others: what is done to them all. */
export const jobsOf = (need: Need) => {
  const { reason, platform } = needSearch(need)
  return { needs: true, reason: [reason], ...(platform === undefined ? {} : { platform }) }
}

/** Under Following: the sources of a need. */
export const sourceSearch = ({ reason, platform }: Need) => ({
  reason: (reason ?? undefined) as Schemas['Reason'] | undefined,
  platform: platform ?? undefined,
})
