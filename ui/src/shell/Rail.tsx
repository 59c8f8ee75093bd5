import { Link, useMatchRoute } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import { ArrowDownToLine, CircleHelp, House, Images, Rss, Settings2, type LucideIcon } from 'lucide-react'
import { useNeeds } from './needs'
import { Mark } from './Mark'

function Places() {
  const { t } = useLingui()
  const needs = useNeeds().length
  const onPost = useMatchRoute()({ to: '/posts/$post' }) !== false
  return (
    <>
      <Place to="/" icon={House} name={t`Home`} exact>
        {needs > 0 && (
          <span className="count" role="img" aria-label={t`${needs} need you`}>
            {needs}
          </span>
        )}
      </Place>
      <Place to="/library" icon={Images} name={t`Library`} holds={onPost} />
      <Place to="/following" icon={Rss} name={t`Following`} />
      <Place to="/queue" icon={ArrowDownToLine} name={t`Queue`} />
      <Place to="/settings" icon={Settings2} name={t`Settings`} />
    </>
  )
}

interface PlaceProps {
  to: '/' | '/library' | '/following' | '/queue' | '/settings'
  icon: LucideIcon
  name: string
  exact?: boolean
  /** What is shown belongs here, although its address does not say so. */
  holds?: boolean
  children?: React.ReactNode
}

function Place({ to, icon: Icon, name, exact = false, holds = false, children }: PlaceProps) {
  return (
    <Link
      to={to}
      activeOptions={{ exact, includeSearch: false }}
      inactiveProps={holds ? { 'aria-current': 'true' } : {}}
    >
      <Icon className="icon" aria-hidden />
      {name}
      {children}
    </Link>
  )
}

/** The five places, at the side; on phones they stand at the bottom. */
export function Rail() {
  const { t } = useLingui()
  return (
    <nav className="rail" aria-label={t`Main`}>
      <Mark />
      <Places />
      <Link to="/help" className="last">
        <CircleHelp className="icon" aria-hidden />
        <Trans>Help</Trans>
      </Link>
    </nav>
  )
}

export function BottomBar() {
  const { t } = useLingui()
  return (
    <nav className="bottombar" aria-label={t`Main`}>
      <Places />
    </nav>
  )
}
