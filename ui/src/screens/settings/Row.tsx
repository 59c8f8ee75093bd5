import { useQuery } from '@tanstack/react-query'
import { Trans, useLingui } from '@lingui/react/macro'
import { useEffect } from 'react'
import { api, take } from '../../api/client'
import { useRested } from '../../parts/useRested'
import { formatWhen } from '../../words/format'
import { Control, type Refusal } from './Control'
import type { Field } from './data'
import { change, type Change } from './draft'
import { focusOn } from './focus'
import { exampleOf, rawOf, same } from './form'
import { fieldOf, valueInWords } from './words'

interface RowProps {
  field: Field
  pending: Change | undefined
  refusal: Refusal | undefined
  /** Somebody came for this one. */
  sought: boolean
  mayWrite: boolean
}

/** One setting: what it is, what it is set to, and the way back to its default. */
export function Row({ field, pending, refusal, sought, mayWrite }: RowProps) {
  const { i18n } = useLingui()
  const { key, schema, secret } = field
  const label = i18n._(field.label)
  useEffect(() => {
    if (sought) focusOn(key)
  }, [sought, key])
  const { code } = fieldOf(key)
  const raw = pending?.raw ?? rawOf(field.shape, field.value, field.bytes)
  const shown = mayWrite ? field : { ...field, locked: field.locked ?? '' }
  const differs = !secret && !same(field.value, field.standard) && field.locked === null
  return (
    <div className="srow" id={key} data-sought={sought ? '' : undefined}>
      <div>
        <label className="strong" htmlFor={`${key}-control`}>
          {label}
        </label>
        <div className="small soft setting-help" id={`${key}-help`}>
          {schema.description}
          {code === 'template' && typeof raw === 'string' && <Example template={raw} />}
          {code === 'timing' && typeof raw === 'string' && <NextRuns timing={raw} />}
        </div>
        {differs && pending === undefined && <Standard field={field} label={label} mayWrite={mayWrite} />}
      </div>
      <Control field={shown} pending={pending} refusal={refusal} describedBy={`${key}-help`} />
    </div>
  )
}

function Standard({ field, label, mayWrite }: { field: Field; label: string; mayWrite: boolean }) {
  const standard = valueInWords(field.key, field.standard, field.secret)
  const back = () => {
    change(field.key, rawOf(field.shape, field.standard, field.bytes), field.value)
    focusOn(field.key)
  }
  return (
    <div className="tiny setting-default">
      <span className="dot" data-tone="live" aria-hidden />
      <span className="soft">
        <Trans>Default: {standard}</Trans>
      </span>
      {mayWrite && (
        <button type="button" className="link" onClick={back}>
          <Trans>
            Reset<span className="vh"> {label}</span>
          </Trans>
        </button>
      )}
    </div>
  )
}

const SAMPLE = {
  platform: 'instagram',
  host: '',
  author: 'coast.and.cairn',
  post: 'C8xK2mPq',
  media: '3391',
  kind: 'image',
  filename: 'dawn',
  title: 'First light',
  sha256: '9f86d081',
  index: '2',
  ext: 'jpg',
}

function Example({ template }: { template: string }) {
  const path = exampleOf(template, SAMPLE).replaceAll('//', '/')
  return (
    <div>
      <Trans>
        For example <span className="mono setting-path">{path}</span>
      </Trans>
    </div>
  )
}

function NextRuns({ timing }: { timing: string }) {
  const asked = useRested(timing)
  const { data, error } = useQuery({
    queryKey: ['next-runs', asked],
    retry: false,
    queryFn: () =>
      take(
        api.POST('/api/v1/subscriptions/next-runs', {
          body: { timing: asked, zone: 'UTC', count: 2 },
        }),
      ),
  })
  if (error) return <div className="setting-wrong">{error.message}</div>
  if (!data) return null
  const { description } = data
  const runs = data.runs.map((run) => formatWhen(run.at)).join('; ')
  return (
    <div>
      <Trans>
        {description} Next: {runs}.
      </Trans>
    </div>
  )
}
