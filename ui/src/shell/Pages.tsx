/** What stands in the place of a page that is not there, not there yet, or broken. */
import { Link, Outlet, useMatches, useRouterState, type ErrorComponentProps } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import { useEffect } from 'react'
import { Empty } from '../parts/Empty'
import { Trouble } from '../parts/Trouble'

/** What stands round all pages: it gives each its title. */
export function Root() {
  const { i18n } = useLingui()
  const title = useMatches().findLast((match) => match.staticData.title)?.staticData.title
  useEffect(() => {
    document.title = title ? `${i18n._(title)} · Gatherum` : 'Gatherum'
  }, [i18n, title])
  return (
    <>
      <Outlet />
      <Going />
    </>
  )
}

/** A line at the top while the next page is on its way: the one before stays until that is there. */
function Going() {
  const { t } = useLingui()
  const going = useRouterState({ select: ({ status }) => status === 'pending' })
  return going && <div className="going" role="progressbar" aria-label={t`The page is loading`} aria-busy />
}

export function Missing() {
  return (
    <Empty
      title={<Trans>Nothing is at this address</Trans>}
      action={
        <Link className="btn" data-kind="primary" to="/">
          <Trans>To Home</Trans>
        </Link>
      }
    >
      <Trans>It may have been moved or deleted for good.</Trans>
    </Empty>
  )
}

export function Wrong({ error, reset }: ErrorComponentProps) {
  return (
    <div className="body">
      <Trouble error={error} onRetry={reset} />
    </div>
  )
}

export function Waiting() {
  return <div className="body skeletons" aria-busy="true" />
}
