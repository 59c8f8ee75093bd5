import { Link, useMatchRoute } from '@tanstack/react-router'
import { useLingui } from '@lingui/react/macro'
import { Images, SquareStack, Trash2 } from 'lucide-react'

/** The ways to look at the library. */
export function LibraryTabs() {
  const { t } = useLingui()
  const onPost = useMatchRoute()({ to: '/posts/$post' }) !== false
  return (
    <nav className="subnav" aria-label={t`Library`}>
      <Link to="/library" activeOptions={{ exact: true, includeSearch: false }}>
        <Images className="icon phone" aria-hidden />
        {t`Timeline`}
      </Link>
      <Link to="/library/posts" inactiveProps={onPost ? { 'aria-current': 'true' } : {}}>
        <SquareStack className="icon phone" aria-hidden />
        {t`Posts`}
      </Link>
      <Link to="/library/bin">
        <Trash2 className="icon phone" aria-hidden />
        {t`Recycle bin`}
      </Link>
    </nav>
  )
}
