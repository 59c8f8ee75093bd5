/** What the verbs of the bar ask for, and what would become of many pictures. */
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useId, useState, type ReactNode } from 'react'
import { tagsQuery } from '../api/tags'
import { Button } from '../parts/Button'
import { Modal } from '../parts/Dialog'
import { Field } from '../parts/Field'
import { Trouble } from '../parts/Trouble'
import { formatBytes, formatNumber } from '../words/format'
import { act, previewOf, whichOf } from './acts'
import type { Desk } from './desk'
import type { Plan } from './doing'
import { dateOf, dayOfDate } from './place'

interface FormProps {
  title: ReactNode
  onClose: () => void
  onSubmit: () => void
  verbs: ReactNode
  children: ReactNode
}

function Form({ title, onClose, onSubmit, verbs, children }: FormProps) {
  const id = useId()
  const submit = (event: React.SubmitEvent) => {
    event.preventDefault()
    onSubmit()
    onClose()
  }
  return (
    <Modal as="dialog" title={title} onClose={onClose}>
      <form id={id} className="col panel" onSubmit={submit}>
        {children}
        <div className="row">{verbs}</div>
      </form>
    </Modal>
  )
}

interface TagProps {
  count: number
  onTag: (names: string[], on: boolean) => void
  onClose: () => void
}

export function TagPanel({ count, onTag, onClose }: TagProps) {
  const { t } = useLingui()
  const [text, setText] = useState('')
  const list = useId()
  const begun = text.split(',').at(-1)?.trim() ?? ''
  const known = useQuery(tagsQuery(begun))
  const names = text.split(',').flatMap((name) => name.trim() || [])
  const before = text.slice(0, text.length - (text.split(',').at(-1) ?? '').length)
  return (
    <Form
      title={<Plural value={count} one="Tag # item" other="Tag # items" />}
      onClose={onClose}
      onSubmit={() => names.length > 0 && onTag(names, true)}
      verbs={
        <>
          <Button kind="primary" submit>
            <Trans>Tag</Trans>
          </Button>
          <Button
            onClick={() => {
              if (names.length > 0) onTag(names, false)
              onClose()
            }}
          >
            <Trans>Take off</Trans>
          </Button>
        </>
      }
    >
      <Field
        label={t`Tags`}
        hint={t`Several with commas between them.`}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type here
        autoFocus
        list={list}
        value={text}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      <datalist id={list}>
        {known.data?.items.map(({ value }) => (
          <option key={value} value={`${before}${value}`} />
        ))}
      </datalist>
    </Form>
  )
}

interface DateProps {
  count: number
  onDate: (date: string | null) => void
  onShift: (seconds: number) => void
  onClose: () => void
}

const HOUR_S = 3600

export function DatePanel({ count, onDate, onShift, onClose }: DateProps) {
  const { t } = useLingui()
  const [date, setDate] = useState('')
  const [hours, setHours] = useState('')
  const shift = Number(hours)
  return (
    <Form
      title={<Plural value={count} one="Date of # item" other="Date of # items" />}
      onClose={onClose}
      onSubmit={() => {
        if (date !== '') onDate(new Date(`${date}Z`).toISOString())
        else if (shift) onShift(shift * HOUR_S)
      }}
      verbs={
        <>
          <Button kind="primary" submit>
            <Trans>Set date</Trans>
          </Button>
          <Button
            onClick={() => {
              onDate(null)
              onClose()
            }}
          >
            <Trans>As the platform says</Trans>
          </Button>
        </>
      }
    >
      <Field
        label={t`Date and time, UTC`}
        type="datetime-local"
        value={date}
        onChange={(event) => setDate(event.target.value)}
      />
      <Field
        label={t`Or move by hours`}
        hint={t`For a camera whose clock was wrong. Less than 0 is earlier.`}
        type="number"
        step="any"
        value={hours}
        disabled={date !== ''}
        onChange={(event) => setHours(event.target.value)}
      />
    </Form>
  )
}

interface DescriptionProps {
  count: number
  onDescribe: (text: string | null) => void
  onClose: () => void
}

export function DescriptionPanel({ count, onDescribe, onClose }: DescriptionProps) {
  const [text, setText] = useState('')
  const id = useId()
  return (
    <Form
      title={<Plural value={count} one="Describe # item" other="Describe # items" />}
      onClose={onClose}
      onSubmit={() => onDescribe(text.trim() || null)}
      verbs={
        <Button kind="primary" submit>
          {text.trim() === '' ? <Trans>Take descriptions away</Trans> : <Trans>Save</Trans>}
        </Button>
      }
    >
      <div className="field">
        <label htmlFor={id}>
          <Trans>Description</Trans>
        </label>
        <div className="input">
          <textarea id={id} rows={4} value={text} onChange={(event) => setText(event.target.value)} />
        </div>
      </div>
    </Form>
  )
}

export function JumpPanel({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const { t } = useLingui()
  const { timeline, controller } = desk
  const here = timeline.anchorAt(timeline.layoutTop).day
  const [date, setDate] = useState(dateOf(here))
  const [newest, oldest] = [timeline.blocks[0]?.day ?? here, timeline.blocks.at(-1)?.day ?? here]
  return (
    <Form
      title={<Trans>Go to a date</Trans>}
      onClose={onClose}
      onSubmit={() => {
        const day = dayOfDate(date)
        if (Number.isNaN(day)) return
        const place = timeline.blocks.find((block) => block.day <= day && block.count > 0)?.day ?? oldest
        controller.jump(timeline.yOf({ day: place, part: 0, id: undefined, index: -1, down: 0 }))
      }}
      verbs={
        <Button kind="primary" submit>
          <Trans>Go</Trans>
        </Button>
      }
    >
      <Field
        label={t`Date`}
        type="date"
        min={dateOf(oldest)}
        max={dateOf(newest)}
        value={date}
        onChange={(event) => setDate(event.target.value)}
      />
    </Form>
  )
}

/** What would become of many pictures, before it does. */
export function Before({
  desk,
  q,
  plan,
  onClose,
}: {
  desk: Desk
  q: string
  plan: Plan
  onClose: () => void
}) {
  const [which] = useState(() => whichOf(desk, q))
  const { action, said } = plan
  const preview = useQuery({
    queryKey: ['batch-preview', which, action],
    queryFn: () => (which ? previewOf(which, action) : Promise.reject(new Error('nothing'))),
    staleTime: 0,
  })
  const { change = 0, same = 0, cannot = [], bytes = 0 } = preview.data ?? {}
  const weight = formatBytes(bytes)
  return (
    <Modal
      as="dialog"
      title={
        action.kind === 'trash' ? <Trans>Move many to the bin</Trans> : <Trans>Change many at once</Trans>
      }
      onClose={onClose}
      footer={
        <>
          <Button
            kind="primary"
            busy={!preview.data && !preview.error}
            disabled={preview.data !== undefined && change === 0}
            onClick={() => {
              if (which) void act(desk, q, which, action, said)
              onClose()
            }}
          >
            {action.kind === 'trash' ? (
              <Plural value={change} one="Delete # item" other="Delete # items" />
            ) : (
              <Plural value={change} one="Change # item" other="Change # items" />
            )}
          </Button>
          <Button onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
        </>
      }
    >
      {preview.error && <Trouble error={preview.error} onRetry={() => void preview.refetch()} />}
      {preview.data && (
        <ul className="col">
          <li>
            <Plural value={change} one="# item changes" other="# items change" />, {weight}
          </li>
          {same > 0 && (
            <li className="soft">
              <Plural value={same} one="# is so already" other="# are so already" />
            </li>
          )}
          {cannot.map(({ reason, count }) => (
            <li key={reason} className="soft">
              {formatNumber(count)}: {reason}
            </li>
          ))}
        </ul>
      )}
    </Modal>
  )
}
