import './search.css'
import { Trans, useLingui } from '@lingui/react/macro'
import { useQueries } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { Button } from '../../parts/Button'
import { Empty } from '../../parts/Empty'
import { formatNumber } from '../../words/format'
import { parse } from '../../words/query'
import { withoutPart } from '../../words/queryEdits'
import { countQuery } from './data'
import { useTitles } from './titles'
import { conditionWords, labelOf } from './words'

const MOST = 6

/** In the place of the pictures when a search finds none: what there would be without each of its parts. */
export function NothingFound({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  const { t } = useLingui()
  const parts = parse(q).slice(0, MOST)
  const titles = useTitles(parts.some((part) => part.type === 'condition' && part.name === 'source'))
  const counts = useQueries({
    queries: parts.map((_, place) => ({
      ...countQuery(withoutPart(q, place)),
      enabled: parts.length > 1,
    })),
  })
  const offers = parts
    .map((part, place) => ({ part, place, count: counts[place]?.data?.count ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
  return (
    <Empty
      title={<Trans>Nothing is found</Trans>}
      action={
        <div className="row wrap offers">
          {offers.map(({ part, place, count }) => {
            const words =
              part.type === 'condition' ? `${labelOf(part.name)} ${conditionWords(part, titles)}` : part.raw
            const name = part.not && part.type === 'condition' ? t`not ${words}` : words
            const many = formatNumber(count)
            return (
              <Button key={place} kind="soft" icon={X} onClick={() => onChange(withoutPart(q, place))}>
                <Trans>
                  Drop “{name}”: {many}
                </Trans>
              </Button>
            )
          })}
          <Button kind={offers.length ? 'quiet' : 'primary'} onClick={() => onChange('')}>
            <Trans>Show everything</Trans>
          </Button>
        </div>
      }
    >
      {offers.length > 0 ? (
        <Trans>All of it together fits nothing. Without one part there would be some.</Trans>
      ) : (
        <Trans>Nothing in your library fits this search.</Trans>
      )}
    </Empty>
  )
}
