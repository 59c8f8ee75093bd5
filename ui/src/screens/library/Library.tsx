import './library.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Trans } from '@lingui/react/macro'
import { Suspense, useCallback, useState } from 'react'
import { Gallery } from '../../gallery/Gallery'
import { Button } from '../../parts/Button'
import { Empty } from '../../parts/Empty'
import { LibraryTabs } from '../../shell/Tabs'
import { countQuery } from '../search/data'
import { isReadable } from '../search/readable'
import { Facets, NothingFound } from '../search/searching'
import { SearchTools } from '../search/SearchTools'

const route = getRouteApi('/inside/library')

/** The timeline of the library; with a search, of what it finds. */
export function Library() {
  const { q = '', at } = route.useSearch()
  const navigate = useNavigate()
  const read = useReadable(q)
  const [tools, setTools] = useState<HTMLElement | null>(null)
  const search = (next: string, replace = false) =>
    void navigate({ to: '/library', search: { q: next || undefined }, replace })
  const place = useCallback(
    (next: string | undefined) => {
      void navigate({
        to: '/library',
        search: (now) => ({ ...now, at: next }),
        replace: true,
        resetScroll: false,
      })
    },
    [navigate],
  )
  return (
    <>
      <LibraryTabs />
      <div className="library-tools">
        <SearchTools q={q} onChange={search} />
        <div ref={setTools} className="gallery-tools" />
      </div>
      <div className="library" data-searching={q ? '' : undefined}>
        {q !== '' && read && (
          <Suspense fallback={<aside className="facets desk" />}>
            <Facets q={q} onChange={search} />
          </Suspense>
        )}
        {read && (
          <Gallery
            key={q}
            q={q}
            at={at}
            onPlace={place}
            tools={tools}
            empty={
              <Suspense>{q === '' ? <NothingYet /> : <NothingFound q={q} onChange={search} />}</Suspense>
            }
          />
        )}
      </div>
    </>
  )
}

/** Whether a search can be read. Where that is not sure its count tells, and nothing else is asked for. */
function useReadable(q: string): boolean {
  const sure = isReadable(q)
  const counted = useQuery({ ...countQuery(q), enabled: !sure })
  return sure || (counted.isSuccess && !counted.isPlaceholderData)
}

function NothingYet() {
  return (
    <Empty
      title={<Trans>Room for your first picture</Trans>}
      action={
        <div className="row wrap">
          <Button kind="primary" onClick={() => document.querySelector<HTMLElement>('.omni input')?.focus()}>
            <Trans>Paste a link</Trans>
          </Button>
          <Link className="btn" to="/following">
            <Trans>Follow somebody</Trans>
          </Link>
        </div>
      }
    >
      <Trans>Paste any link into the bar above, and what it leads to comes here.</Trans>
    </Empty>
  )
}
