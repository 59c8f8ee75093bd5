import { queryOptions, useQuery } from '@tanstack/react-query'
import { Trans } from '@lingui/react/macro'
import { api, take, type Schemas } from '../../api/client'

const extractorsQuery = queryOptions({
  queryKey: ['extractors'],
  queryFn: () => take(api.GET('/api/v1/extractors')),
})

/** What is installed: Gatherum, its database, and the extractors as they are used. */
export function Versions({ health }: { health: Schemas['HealthView'] }) {
  const { data } = useQuery(extractorsQuery)
  return (
    <section className="card" data-flat>
      <h3>
        <Trans>Versions</Trans>
      </h3>
      <dl className="kv">
        <dt>
          <Trans>Gatherum</Trans>
        </dt>
        <dd>{health.version}</dd>
        <dt>
          <Trans>Database</Trans>
        </dt>
        <dd>{health.database}</dd>
        {data?.items.map((one) => (
          <Extractor key={one.name} one={one} />
        ))}
      </dl>
    </section>
  )
}

function Extractor({ one }: { one: Schemas['ExtractorItem'] }) {
  const { used, shipped, newest } = one
  return (
    <>
      <dt>{one.name}</dt>
      <dd>
        {used}
        {used !== shipped && (
          <div className="tiny muted">
            <Trans>beside {shipped}</Trans>
          </div>
        )}
        {newest !== null && newest !== used && (
          <div className="tiny muted">
            <Trans>{newest} is out</Trans>
          </div>
        )}
      </dd>
    </>
  )
}
