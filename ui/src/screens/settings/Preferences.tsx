import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useLocation } from '@tanstack/react-router'
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Lock, ShieldAlert } from 'lucide-react'
import { useCallback, useState, type ReactNode } from 'react'
import { useLive } from '../../api/live'
import { useMay } from '../../api/me'
import { Empty } from '../../parts/Empty'
import { Trouble } from '../../parts/Trouble'
import { queries } from '../../queries'
import { Changes } from './Changes'
import type { Refusals } from './Control'
import { fieldsOf, inOrder, pendingOf, schemasQuery, settingsQuery, type Field } from './data'
import { useDraft } from './draft'
import { matches } from './form'
import { Row } from './Row'
import { ENVIRONMENT, sectionOf } from './words'

const route = getRouteApi('/inside/settings/')
const GUARDED = ['security', 'oidc', 'duo']

/** What people change: a form for each section, and beside it what would be saved. */
export function Preferences() {
  if (!useMay('settings:read'))
    return (
      <div className="body">
        <Empty
          title={<Trans>Settings are for administrators</Trans>}
          action={
            <Link className="btn" data-kind="primary" to="/settings/security">
              <Trans>Your account and security</Trans>
            </Link>
          }
        >
          <Trans>What is yours alone is under Account and security.</Trans>
        </Empty>
      </div>
    )
  return <Form />
}

function Form() {
  const { t } = useLingui()
  const { section, find } = route.useSearch()
  const { hash } = useLocation()
  const mayWrite = useMay('settings:write')
  const draft = useDraft()
  const [refusals, setRefusals] = useState<Refusals>({})
  const again = useCallback(() => void queries.invalidateQueries({ queryKey: settingsQuery.queryKey }), [])
  useLive('setting', again)
  const settings = useQuery(settingsQuery)
  const schemas = useQuery(schemasQuery)
  if (!settings.data || !schemas.data) {
    const failed = settings.error ?? schemas.error
    if (!failed) return <Skeleton />
    return (
      <div className="body">
        <Trouble error={failed} onRetry={() => void Promise.all([settings.refetch(), schemas.refetch()])} />
      </div>
    )
  }
  const views = inOrder(settings.data.sections)
  const fields = views.flatMap((view) => fieldsOf(view, schemas.data.get(view.section)))
  const pending = pendingOf(fields, draft)
  const name = section ?? views[0]?.section ?? ''
  const row = (field: Field) => (
    <Row
      key={field.key}
      field={field}
      pending={pending.find((one) => one.field.key === field.key)?.change}
      refusal={refusals[field.key]}
      sought={hash === field.key || hash === field.name}
      mayWrite={mayWrite}
    />
  )
  // Nothing in it takes the focus: what is scrolled must.
  const read =
    !find && name === ENVIRONMENT.name ? { tabIndex: 0, role: 'region', 'aria-label': t`Settings` } : {}
  return (
    <div className="body settings" {...read}>
      <div className="settings-form">
        {find ? (
          <Found find={find} fields={fields} row={row} />
        ) : name === ENVIRONMENT.name ? (
          <Environment values={settings.data.environment} />
        ) : (
          <Section name={name} lead={schemas.data.get(name)?.description}>
            {fields.filter((field) => field.section === name).map(row)}
          </Section>
        )}
      </div>
      <Changes pending={pending} views={views} onRefused={setRefusals} />
    </div>
  )
}

function Section({
  name,
  lead,
  children,
}: {
  name: string
  lead?: string | undefined
  children: ReactNode[]
}) {
  const { i18n } = useLingui()
  if (children.length === 0)
    return (
      <Empty
        title={<Trans>There is no section of this name</Trans>}
        action={
          <Link className="btn" to="/settings">
            <Trans>To the settings</Trans>
          </Link>
        }
      />
    )
  return (
    <>
      <h2 className="settings-heading">{i18n._(sectionOf(name).label)}</h2>
      {lead && <p className="soft">{lead}</p>}
      {GUARDED.includes(name) && (
        <p className="small muted row settings-guarded">
          <ShieldAlert className="icon" aria-hidden />
          <Trans>Saving this asks for a fresh proof of who you are.</Trans>
        </p>
      )}
      {children}
    </>
  )
}

function Found({
  find,
  fields,
  row,
}: {
  find: string
  fields: readonly Field[]
  row: (field: Field) => ReactNode
}) {
  const { i18n, t } = useLingui()
  const found = fields.filter((field) =>
    matches(
      find,
      i18n._(field.label),
      field.schema.description ?? '',
      field.key.replaceAll(/[._]/g, ' '),
      field.key,
      i18n._(sectionOf(field.section).label),
    ),
  )
  const pages = [
    { to: '/settings/logins', name: t`Platform logins`, about: t`cookies credentials expiry` },
    { to: '/settings/accounts', name: t`Accounts`, about: t`people users roles invitations` },
    { to: '/settings/health', name: t`Health`, about: t`checks alarms disk database versions statistics` },
    { to: '/settings/logs', name: t`Logs`, about: t`lines errors trace support` },
    { to: '/settings/transfer', name: t`Import and export`, about: t`backup move csv json history` },
    {
      to: '/settings/security',
      name: t`Account and security`,
      about: t`password passkeys factors sessions api keys`,
    },
  ] as const
  const places = pages.filter(({ name, about }) => matches(find, name, about))
  const sections = [...new Set(found.map((field) => field.section))]
  return (
    <>
      <h2 className="settings-heading">
        <Plural value={found.length + places.length} one="# place found" other="# places found" />
      </h2>
      {found.length + places.length === 0 && (
        <Empty title={<Trans>Nothing is called “{find}”</Trans>}>
          <Trans>Try one word of what it does, such as “disk” or “backup”.</Trans>
        </Empty>
      )}
      {places.length > 0 && (
        <ul className="settings-pages">
          {places.map(({ to, name }) => (
            <li key={to}>
              <Link className="link" to={to}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {sections.map((name) => (
        <section key={name}>
          <h3 className="settings-subheading">
            <Link to="/settings" search={{ section: name }}>
              {i18n._(sectionOf(name).label)}
            </Link>
          </h3>
          {found.filter((field) => field.section === name).map(row)}
        </section>
      ))}
    </>
  )
}

function Environment({ values }: { values: Readonly<Record<string, unknown>> }) {
  const { i18n, t } = useLingui()
  const told = (value: unknown) => {
    if (typeof value === 'boolean') return value ? t`set` : t`not set`
    const text = Array.isArray(value) ? value.join(', ') : String(value)
    return text === '' ? t`not set` : text
  }
  return (
    <>
      <h2 className="settings-heading">{i18n._(ENVIRONMENT.label)}</h2>
      <p className="soft">
        <Trans>
          What is needed before the database opens. It is changed where Gatherum is started, and counts after
          a new start.
        </Trans>
      </p>
      {Object.entries(values).map(([name, value]) => (
        <div className="srow" key={name}>
          <div className="mono small setting-variable">{name}</div>
          <div className="input" data-locked>
            <Lock className="icon" aria-hidden />
            <span className="grow cut mono small">{told(value)}</span>
          </div>
        </div>
      ))}
    </>
  )
}

function Skeleton() {
  return (
    <div className="body settings" aria-busy>
      <div className="settings-form settings-skeleton">
        {[0, 1, 2, 3, 4].map((at) => (
          <div className="srow" key={at}>
            <span className="skeleton" />
            <span className="skeleton" />
          </div>
        ))}
      </div>
    </div>
  )
}
