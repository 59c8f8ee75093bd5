/** What the numbers of subscriptions in a search stand for. */
import { useQuery } from '@tanstack/react-query'
import { useMay } from '../../api/me'
import { allQuery, type Subscription } from '../../api/subscriptions'
import { nameOf } from '../../words/jobs'

/** By number, as a search writes it. */
export type Titles = ReadonlyMap<string, string>

const NONE: Titles = new Map()

/** The titles of subscriptions; none while they are not needed, not known, or not to be seen. */
export function useTitles(needed: boolean): Titles {
  const mayRead = useMay('following:read')
  const { data } = useQuery({ ...allQuery, enabled: mayRead && needed, select: titlesOf })
  return data ?? NONE
}

function titlesOf(all: readonly Subscription[]): Titles {
  return new Map(all.map((one) => [String(one.id), nameOf(one)]))
}
