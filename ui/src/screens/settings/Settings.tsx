import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import {
  Activity,
  ArrowRightLeft,
  ChevronLeft,
  ChevronRight,
  KeyRound,
  ScrollText,
  Search,
  UserRoundCog,
  UsersRound,
  X,
  type LucideIcon,
} from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { useNeeds } from '../../shell/needs'
import { inOrder, settingsQuery } from './data'
import './settings.css'
import { ENVIRONMENT, GROUPS, SECTIONS, sectionOf, type SectionWords } from './words'

/** The frame of all pages of settings: what there is at the side, the page beside it. */
export function Settings() {
  const { pathname, search } = useLocation()
  const { section, find } = search as { section?: string; find?: string }
  const isHome = /\/settings\/?$/.test(pathname)
  const at = find ? 'find' : isHome && !section ? 'list' : 'page'
  return (
    <div className="settings-frame" data-at={at}>
      <Places home={isHome} section={section} find={find} />
      <div className="settings-page">
        {at === 'page' && (
          <Link to="/settings" className="settings-back phone">
            <ChevronLeft className="icon" aria-hidden />
            <Trans>Settings</Trans>
          </Link>
        )}
        <Outlet />
      </div>
    </div>
  )
}

function Places({
  home,
  section,
  find,
}: {
  home: boolean
  section?: string | undefined
  find?: string | undefined
}) {
  const { t, i18n } = useLingui()
  const needs = useNeeds()
  const may = {
    settings: useMay('settings:read'),
    logins: useMay('logins:read'),
    accounts: useMay('accounts:read'),
    logs: useMay('audit:read'),
    transfer: useMay('transfer'),
  }
  const { data } = useQuery({ ...settingsQuery, enabled: may.settings })
  const sections = [
    ...(data ? inOrder(data.sections).map((view) => sectionOf(view.section)) : SECTIONS),
    ENVIRONMENT,
  ]
  const shown = home && !find ? (section ?? sections[0]?.name) : undefined
  const logins = needs.filter(
    ({ kind, reason }) => kind === 'login' || reason === 'login_required' || reason === 'challenge',
  ).length
  const alarms = needs.filter(({ kind }) => kind === 'alarm').length
  return (
    <nav className="settings-nav" aria-label={t`Settings`}>
      <h1 className="settings-title">
        <Trans>Settings</Trans>
      </h1>
      {may.settings && <Finder find={find} />}
      <div className="settings-places">
        {may.settings &&
          (Object.keys(GROUPS) as SectionWords['group'][]).map((group) => (
            <Group key={group} title={i18n._(GROUPS[group])}>
              {sections
                .filter((one) => one.group === group)
                .map(({ name, label, icon: Icon }) => (
                  <Link
                    key={name}
                    to="/settings"
                    search={{ section: name }}
                    activeOptions={{ exact: true, includeSearch: true }}
                    aria-current={shown === name ? 'page' : undefined}
                    data-first={section === undefined && shown === name ? '' : undefined}
                  >
                    <Icon className="icon" aria-hidden />
                    <span className="grow">{i18n._(label)}</span>
                    <ChevronRight className="icon phone" aria-hidden />
                  </Link>
                ))}
            </Group>
          ))}
        <Group title={t`This installation`}>
          {may.logins && (
            <Place to="/settings/logins" icon={KeyRound} name={t`Platform logins`}>
              {logins > 0 && (
                <span className="count" aria-label={t`${logins} need you`}>
                  {logins}
                </span>
              )}
            </Place>
          )}
          {may.accounts && <Place to="/settings/accounts" icon={UsersRound} name={t`Accounts`} />}
          <Place to="/settings/health" icon={Activity} name={t`Health`}>
            {alarms > 0 && (
              <span className="count" aria-label={t`${alarms} need you`}>
                {alarms}
              </span>
            )}
          </Place>
          {may.logs && <Place to="/settings/logs" icon={ScrollText} name={t`Logs`} />}
          {may.transfer && (
            <Place to="/settings/transfer" icon={ArrowRightLeft} name={t`Import and export`} />
          )}
        </Group>
        <Group title={t`Yours`}>
          <Place to="/settings/security" icon={UserRoundCog} name={t`Account and security`} />
        </Group>
      </div>
    </nav>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="tiny muted">{title}</h2>
      {children}
    </section>
  )
}

interface PlaceProps {
  to: `/settings/${'logins' | 'accounts' | 'health' | 'logs' | 'transfer' | 'security'}`
  icon: LucideIcon
  name: string
  children?: ReactNode
}

function Place({ to, icon: Icon, name, children }: PlaceProps) {
  return (
    <Link to={to} activeOptions={{ includeSearch: false }}>
      <Icon className="icon" aria-hidden />
      <span className="grow">{name}</span>
      {children}
      <ChevronRight className="icon phone" aria-hidden />
    </Link>
  )
}

/** Finds a setting on any page; what is sought stands in the address. */
function Finder({ find = '' }: { find?: string | undefined }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [typed, setTyped] = useState(find)
  const sent = useRef(find)
  useEffect(() => {
    if (find !== sent.current) setTyped(find)
    sent.current = find
  }, [find])
  const look = (text: string) => {
    setTyped(text)
    sent.current = text.trim()
    void navigate({
      to: '/settings',
      search: text.trim() ? { find: text.trim() } : {},
      replace: find !== '',
    })
  }
  return (
    <search className="input settings-find">
      <Search className="icon" aria-hidden />
      <input
        type="search"
        aria-label={t`Find a setting`}
        placeholder={t`Find a setting`}
        value={typed}
        onChange={(event) => look(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && look('')}
      />
      {typed !== '' && (
        <Button kind="quiet" size="sm" icon={X} aria-label={t`Clear`} onClick={() => look('')} />
      )}
    </search>
  )
}
