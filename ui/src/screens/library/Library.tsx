import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Gallery } from '../../gallery/Gallery'
import { LibraryTabs } from '../../shell/Tabs'
import { Facets } from '../search/Facets'
import { SearchTools } from '../search/SearchTools'

const route = getRouteApi('/inside/library')

/** The timeline of the library; with a search, of what it finds. */
export function Library() {
  const { q = '' } = route.useSearch()
  const navigate = useNavigate()
  const search = (next: string) => void navigate({ to: '/library', search: { q: next || undefined } })
  return (
    <>
      <LibraryTabs />
      <SearchTools q={q} onChange={search} />
      <div className="library" data-searching={q ? '' : undefined}>
        {q !== '' && <Facets q={q} onChange={search} />}
        <Gallery q={q} key={q} />
      </div>
    </>
  )
}
