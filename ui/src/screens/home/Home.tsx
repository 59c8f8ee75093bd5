import { useQuery } from '@tanstack/react-query'
import { Trans } from '@lingui/react/macro'
import { Suspense, useState } from 'react'
import { useMay } from '../../api/me'
import { Awaited } from '../../parts/Awaited'
import { lazily } from '../../parts/lazily'
import { useLiving } from '../../shell/activity'
import { useNeeds, useNeedsTrouble, type Need } from '../../shell/needs'
import { BigField } from '../../shell/Omnibar'
import { ComingUp } from './ComingUp'
import { useComing } from './coming'
import { DoingNow } from './DoingNow'
import { Headline } from './Headline'
import { Healthy } from './Healthy'
import { LastDays } from './LastDays'
import { NeedsYou } from './NeedsYou'
import { Newest, newestQuery } from './Newest'
import './home.css'

export function Home() {
  const newest = useQuery(newestQuery)
  const living = useLiving()
  const coming = useComing()
  const mayGet = useMay('queue:write')
  const empty = mayGet && newest.data?.length === 0 && living.data?.length === 0 && coming.data?.all === 0
  // What begins here stays in sight to its end, although the library is not empty any more.
  const [first, setFirst] = useState(false)
  if (empty && !first) setFirst(true)
  const needs = useNeeds()
  const missing = useNeedsTrouble()
  return (
    <div className="body">
      {first ? (
        <First needs={needs} />
      ) : (
        <div className="home">
          <Headline needs={needs} />
          <div className="col main-col">
            {missing === null ? <NeedsYou needs={needs} /> : <Awaited query={missing} />}
            <Newest />
            <DoingNow />
          </div>
          <aside className="col main-col">
            <Healthy />
            <LastDays />
            <ComingUp />
          </aside>
        </div>
      )}
    </div>
  )
}

const Checklist = lazily(async () => (await import('../welcome/Checklist')).Checklist)

/** A library with nothing in it, and nothing on its way. */
function First({ needs }: { needs: Need[] }) {
  return (
    <div className="home-first">
      <h1>
        <Trans>Paste a link to something you like</Trans>
      </h1>
      <p className="soft">
        <Trans>A profile, a post, a video, a forum thread, a feed.</Trans>
      </p>
      <BigField />
      <NeedsYou needs={needs} />
      <Suspense>
        <Checklist />
      </Suspense>
      <Newest quiet />
    </div>
  )
}
