import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Bookmark, Check, Pencil, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import { api, take, type Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { Popover } from '../../parts/Popover'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { done, trouble } from '../../shell/undo'
import { savedQuery } from './data'

interface SavedProps {
  q: string
  onOpen: (q: string) => void
}
type One = Schemas['SavedSearch']

/** One's saved searches: open, keep this one, give another name, delete. */
export function Saved({ q, onOpen }: SavedProps) {
  const { t } = useLingui()
  const panel = useRef<HTMLDivElement>(null)
  const saved = useQuery(savedQuery)
  const [renamed, setRenamed] = useState<string | null>(null)
  const items = saved.data?.items ?? []
  const known = items.find((one) => one.query.trim() === q.trim())
  const close = () => panel.current?.hidePopover()
  return (
    <Popover
      ref={panel}
      label={t`Saved searches`}
      className="menu saved"
      trigger={(anchor) => (
        <button {...anchor} type="button" className="chip" data-on={q !== '' && known ? '' : undefined}>
          <Bookmark className="icon" aria-hidden />
          {known && q !== '' ? known.name : q === '' ? <Trans>Saved</Trans> : <Trans>Save</Trans>}
        </button>
      )}
    >
      <div className="picker col">
        {q !== '' && !known && <Keep q={q} onDone={close} />}
        {items.length === 0 && q === '' && (
          <p className="small soft">
            <Trans>Searches that you save stand here, with their names.</Trans>
          </p>
        )}
        <ul className="choices">
          {items.map((one) => (
            <li key={one.id} className="row">
              {renamed === one.id ? (
                <Rename one={one} onDone={() => setRenamed(null)} />
              ) : (
                <SavedRow
                  one={one}
                  current={one === known}
                  onOpen={() => {
                    onOpen(one.query)
                    close()
                  }}
                  onRename={() => setRenamed(one.id)}
                />
              )}
            </li>
          ))}
        </ul>
        {items.length > 0 && (
          <p className="tiny muted">
            <Plural
              value={items.length}
              one="# saved search, only yours"
              other="# saved searches, only yours"
            />
          </p>
        )}
      </div>
    </Popover>
  )
}

function SavedRow({
  one,
  current,
  onOpen,
  onRename,
}: {
  one: One
  current: boolean
  onOpen: () => void
  onRename: () => void
}) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: savedQuery.queryKey })
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/v1/searches/{search_id}', { params: { path: { search_id: Number(one.id) } } })),
    onSuccess: async () => {
      const { name, query } = one
      done(<Trans>“{name}” deleted.</Trans>, () =>
        take(api.POST('/api/v1/searches', { body: { name, query } })),
      )
      await refresh()
    },
    onError: trouble,
  })
  const { name } = one
  return (
    <>
      <button type="button" className="open grow" aria-current={current || undefined} onClick={onOpen}>
        <span className="strong cut">{one.name}</span>
        <span className="tiny muted mono cut">{one.query === '' ? t`everything` : one.query}</span>
      </button>
      <Button kind="quiet" size="sm" icon={Pencil} aria-label={t`Rename ${name}`} onClick={onRename} />
      <Button
        kind="quiet"
        size="sm"
        icon={Trash2}
        aria-label={t`Delete ${name}`}
        busy={remove.isPending}
        onClick={() => remove.mutate()}
      />
    </>
  )
}

function Keep({ q, onDone }: { q: string; onDone: () => void }) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const keep = useMutation({
    mutationFn: (name: string) => take(api.POST('/api/v1/searches', { body: { name, query: q } })),
    onSuccess: async (one) => {
      const { name } = one
      say(<Trans>Saved as “{name}”.</Trans>)
      await queries.invalidateQueries({ queryKey: savedQuery.queryKey })
      onDone()
    },
  })
  return (
    <NameForm
      label={t`Save this search as`}
      name={name}
      onName={setName}
      error={keep.error}
      busy={keep.isPending}
      onSubmit={keep.mutate}
    />
  )
}

function Rename({ one, onDone }: { one: One; onDone: () => void }) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const [name, setName] = useState(one.name)
  const rename = useMutation({
    mutationFn: (name: string) =>
      take(
        api.PATCH('/api/v1/searches/{search_id}', {
          params: { path: { search_id: Number(one.id) }, header: { 'if-match': `"${one.version}"` } },
          body: { name },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: savedQuery.queryKey })
      onDone()
    },
  })
  return (
    <NameForm
      label={t`New name`}
      name={name}
      onName={setName}
      error={rename.error}
      busy={rename.isPending}
      onSubmit={rename.mutate}
    />
  )
}

interface NameFormProps {
  label: string
  name: string
  onName: (name: string) => void
  error: Error | null
  busy: boolean
  onSubmit: (name: string) => void
}

function NameForm({ label, name, onName, error, busy, onSubmit }: NameFormProps) {
  const { t } = useLingui()
  return (
    <form
      className="col grow"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') onSubmit(name.trim())
      }}
    >
      <div className="row">
        <div className="input" aria-invalid={error !== null || undefined}>
          <input
            value={name}
            maxLength={100}
            aria-label={label}
            placeholder={label}
            onChange={(event) => onName(event.target.value)}
          />
        </div>
        <Button submit kind="soft" icon={Check} aria-label={t`Save`} busy={busy} />
      </div>
      {error !== null && (
        <p className="error" role="alert">
          <Sentence error={error} />
        </p>
      )}
    </form>
  )
}
