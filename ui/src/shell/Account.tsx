import { useNavigate } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import { useSyncExternalStore } from 'react'
import { LogOut, MonitorCog, Moon, ShieldCheck, Sun } from 'lucide-react'
import { signOut } from '../api/client'
import { useMe } from '../api/me'
import { Menu } from '../parts/Menu'
import { chooseTheme, chosenTheme, watchTheme, type Theme } from './theme'

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }

/** Whoever is signed in, and what is theirs alone. */
export function Account() {
  const { t } = useLingui()
  const { name } = useMe()
  const navigate = useNavigate()
  const initials = name.slice(0, 2).toUpperCase()
  const theme = useSyncExternalStore(watchTheme, chosenTheme)
  const names: Record<Theme, string> = { system: t`As the system`, light: t`Light`, dark: t`Dark` }
  return (
    <Menu
      label={t`Account of ${name}`}
      trigger={(anchor) => (
        <button {...anchor} type="button" className="avatar" aria-label={t`${initials}, account of ${name}`}>
          {initials}
        </button>
      )}
      choices={[
        {
          key: 'security',
          label: <Trans>Account and security</Trans>,
          icon: ShieldCheck,
          onSelect: () => void navigate({ to: '/settings/security' }),
        },
        {
          key: 'theme',
          label: <Trans>Colours</Trans>,
          icon: { system: MonitorCog, light: Sun, dark: Moon }[theme],
          end: names[theme],
          onSelect: () => chooseTheme(NEXT[theme]),
        },
        null,
        { key: 'out', label: <Trans>Sign out</Trans>, icon: LogOut, onSelect: () => void signOut() },
      ]}
    />
  )
}
