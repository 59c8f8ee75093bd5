import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check, DatabaseBackup, Rss, ShieldCheck, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { api, take } from '../../api/client'
import { useMay, useMe } from '../../api/me'
import './checklist.css'

/** What is good to do early: follow something, a second factor, backups. Nothing, once all is done. */
export function Checklist() {
  const { factors } = useMe()
  const follows = useMay('following:write')
  const sets = useMay('settings:read')
  const followed = useQuery({
    queryKey: ['subscriptions', 'any'],
    queryFn: () => take(api.GET('/api/v1/subscriptions', { params: { query: { limit: 1 } } })),
    enabled: follows,
  })
  const backup = useQuery({
    queryKey: ['settings', 'backup'],
    queryFn: () => take(api.GET('/api/v1/settings/{section}', { params: { path: { section: 'backup' } } })),
    enabled: sets,
  })
  if ((follows && followed.data === undefined) || (sets && backup.data === undefined)) return null
  const tasks: Task[] = []
  if (follows)
    tasks.push({
      key: 'follow',
      icon: Rss,
      done: (followed.data?.items.length ?? 0) > 0,
      title: <Trans>Follow something</Trans>,
      about: <Trans>New posts come in by themselves.</Trans>,
      to: '/following',
    })
  tasks.push({
    key: 'factor',
    icon: ShieldCheck,
    done: factors.length > 0,
    title: <Trans>Add a second factor</Trans>,
    about: <Trans>A passkey, or an app. A password alone can be guessed.</Trans>,
    to: '/settings/security',
  })
  if (sets)
    tasks.push({
      key: 'backup',
      icon: DatabaseBackup,
      done: backup.data?.values.enabled === true,
      title: <Trans>Turn on backups</Trans>,
      about: <Trans>A copy of the database each night, tried by opening it.</Trans>,
      to: '/settings',
      search: { section: 'backup' },
    })
  const left = tasks.filter((task) => !task.done).length
  if (left === 0) return null
  return (
    <section className="checklist card" aria-labelledby="checklist">
      <h3 id="checklist">
        <Trans>Good to do early</Trans>
      </h3>
      <ul>
        {tasks.map(({ key, ...task }) => (
          <Row key={key} {...task} />
        ))}
      </ul>
    </section>
  )
}

interface Task {
  key: string
  icon: LucideIcon
  done: boolean
  title: ReactNode
  about: ReactNode
  to: '/following' | '/settings/security' | '/settings'
  search?: { section: string }
}

function Row({ icon, done, title, about, ...place }: Omit<Task, 'key'>) {
  const Icon = done ? Check : icon
  return (
    <li data-done={done ? '' : undefined}>
      <Link {...place}>
        <Icon className="icon" aria-hidden />
        <span className="grow">
          <span className="strong">{title}</span>
          <span className="small soft">{done ? <Trans>Done</Trans> : about}</span>
        </span>
      </Link>
    </li>
  )
}
