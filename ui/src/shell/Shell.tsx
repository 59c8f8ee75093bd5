import { Outlet, useNavigate } from '@tanstack/react-router'
import { Trans } from '@lingui/react/macro'
import { Suspense, useEffect, useMemo, useState } from 'react'
import { live } from '../api/live'
import { lazily } from '../parts/lazily'
import { Account } from './Account'
import { Away } from './Away'
import { useJobStream } from './activity'
import { useKeys } from './keys'
import { Omnibar } from './Omnibar'
import { Pulse } from './Pulse'
import { BottomBar, Rail } from './Rail'
import { Reauth } from './Reauth'
import { Toasts } from './toasts'
import { undoLast } from './undo'

const KeySheet = lazily(async () => (await import('../screens/help/KeySheet')).KeySheet)

/** What stands round every page of somebody who is signed in. */
export function Shell() {
  const navigate = useNavigate()
  const [keys, showKeys] = useState(false)
  useJobStream()
  useEffect(() => {
    live.open()
    return () => live.close()
  }, [])
  useKeys(
    useMemo(
      () => ({
        z: () => void undoLast(),
        'g h': () => void navigate({ to: '/' }),
        'g l': () => void navigate({ to: '/library' }),
        'g f': () => void navigate({ to: '/following' }),
        'g q': () => void navigate({ to: '/queue' }),
        'g s': () => void navigate({ to: '/settings' }),
        '?': () => showKeys(true),
      }),
      [navigate],
    ),
  )
  return (
    <div className="app">
      <a className="skip" href="#content">
        <Trans>To the content</Trans>
      </a>
      <Rail />
      <div className="main">
        <header className="top">
          <Omnibar />
          <span className="end" />
          <Pulse />
          <Account />
        </header>
        <main id="content" className="content" tabIndex={-1}>
          <Away />
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Toasts />
      <Reauth />
      {keys && (
        <Suspense>
          <KeySheet onClose={() => showKeys(false)} />
        </Suspense>
      )}
    </div>
  )
}
