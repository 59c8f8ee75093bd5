import { useQuery } from '@tanstack/react-query'
import { Navigate, useSearch } from '@tanstack/react-router'
import { Suspense, useEffect } from 'react'
import { api, Problem, take } from '../../api/client'
import { live } from '../../api/live'
import { meQuery } from '../../api/me'
import { lazily } from '../../parts/lazily'
import { useJobStream } from '../../shell/activity'
import { Waiting } from '../../shell/Pages'
import { Reauth } from '../../shell/Reauth'
import { Toasts } from '../../shell/toasts'
import { LibraryStep } from './LibraryStep'
import { PasskeyStep } from './PasskeyStep'
import { YouStep } from './YouStep'
import './welcome.css'

const LinkStep = lazily(async () => (await import('./LinkStep')).LinkStep)

/** The first ten minutes: who you are, where your library is, and the first link. */
export function Welcome() {
  const { step, job } = useSearch({ from: '/welcome' })
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: () => take(api.GET('/api/v1/setup')),
    staleTime: 'static',
  })
  const needed = setup.data?.needed === true
  const me = useQuery({ ...meQuery, enabled: setup.data?.needed === false })
  if (setup.error !== null) throw setup.error
  if (setup.data === undefined) return <Waiting />
  if (needed) return <YouStep />
  if (me.error instanceof Problem && me.error.status === 401)
    return <Navigate to="/sign-in" search={{}} replace />
  if (me.error !== null) throw me.error
  if (me.data === undefined) return <Waiting />
  if (me.data.role !== 'admin' || step === undefined) return <Navigate to="/" replace />
  return (
    <Suspense fallback={<Waiting />}>
      <SignedIn>
        {step === 'passkey' ? (
          <PasskeyStep name={me.data.name} />
        ) : step === 'library' ? (
          <LibraryStep />
        ) : (
          <LinkStep jobs={job ?? ''} />
        )}
      </SignedIn>
    </Suspense>
  )
}

/** What the pages inside have by their shell. */
function SignedIn({ children }: { children: React.ReactNode }) {
  useJobStream()
  useEffect(() => {
    live.open()
    return () => live.close()
  }, [])
  return (
    <>
      {children}
      <Toasts />
      <Reauth />
    </>
  )
}
