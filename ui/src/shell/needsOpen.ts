/** The filters that show exactly what a need counts. */
import type { Schemas } from '../api/client'
import type { Need } from './needs'

/** In the queue: the jobs of a need. */
export const needSearch = ({ reason, platform }: Need) => ({
  tab: 'needs' as const,
  reason: (reason ?? undefined) as Schemas['Reason'] | undefined,
  platform: platform ?? undefined,
})

/** Under Following: the sources of a need. */
export const sourceSearch = ({ reason, platform }: Need) => ({
  reason: (reason ?? undefined) as Schemas['Reason'] | undefined,
  platform: platform ?? undefined,
})
