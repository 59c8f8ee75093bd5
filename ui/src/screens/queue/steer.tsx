/** What people do to jobs. Each says what was done, and takes it back on demand. */
import { Plural, Trans } from '@lingui/react/macro'
import { api, Problem, take, type Schemas } from '../../api/client'
import { queries } from '../../queries'
import { livingQuery, type Job } from '../../shell/activity'
import { say } from '../../shell/toasts'
import { doing, done, trouble } from '../../shell/undo'
import { titleOf } from '../../words/jobs'
import { moved } from './rows'

const path = (job_id: string) => ({ params: { path: { job_id } } })

export async function cancel(job: Job) {
  await trying(async () => {
    const title = titleOf(job)
    await take(api.POST('/api/v1/jobs/{job_id}/cancel', path(job.id)))
    done(<Trans>Cancelled: {title}</Trans>, () => take(api.POST('/api/v1/jobs/{job_id}/retry', path(job.id))))
  })
}

/** Lets a job go on at once, or does once more what it did; gives the job that does it. */
export async function again(job: Job): Promise<Job | undefined> {
  return trying(async () => {
    const now = await take(api.POST('/api/v1/jobs/{job_id}/retry', path(job.id)))
    const title = titleOf(job)
    say(<Trans>It goes on: {title}</Trans>)
    return now
  })
}

export async function cancelMany(ids: string[]) {
  await trying(async () => {
    const { changed, ids: ended } = await steer('cancel', ids)
    if (changed === 0) say(<Trans>They had come to their end already.</Trans>)
    else
      done(<Plural value={changed} one="Cancelled: # job" other="Cancelled: # jobs" />, () =>
        steer('retry', ended),
      )
  })
}

export async function againMany(ids: string[]) {
  await trying(async () => {
    const { changed } = await steer('retry', ids)
    say(<Plural value={changed} one="# job goes on" other="# jobs go on" />)
  })
}

/** Settles what has failed: it needs nobody any longer. */
export async function dismiss(which: Pick<Schemas['JobBatch'], 'ids' | 'filter'>) {
  await trying(async () => {
    const { changed } = await take(api.POST('/api/v1/jobs/batch', { body: { action: 'dismiss', ...which } }))
    say(<Plural value={changed} one="# job dismissed" other="# jobs dismissed" />)
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['needs'] }),
      queries.invalidateQueries({ queryKey: ['jobs', 'finished'] }),
    ])
  })
}

const steer = (action: 'cancel' | 'retry', ids: string[]) =>
  take(api.POST('/api/v1/jobs/batch', { body: { action, ids } }))

/** The last move that was sent. The next one waits for it, or an older priority might come behind a newer. */
let sent: Promise<unknown> = Promise.resolve()

/** Brings a job to another place in its line. `shown` is called when its order has changed. */
export async function move(
  line: Job[],
  from: number,
  to: number,
  came: ReadonlyMap<string, number>,
  shown: () => void,
) {
  const changes = moved(line, from, to, came)
  const job = line[from]
  if (job === undefined || changes.length === 0) return
  const before = line.filter(({ id }) => changes.some((change) => change.id === id))
  const put = async (wanted: Place[]) => {
    show(wanted)
    shown()
    const send = () => prioritise(wanted)
    await (sent = sent.then(send, send))
  }
  await trying(
    async () => {
      await put(changes)
      const title = titleOf(job)
      done(<Trans>Moved: {title}</Trans>, () => put(before))
    },
    () => show(before),
  )
}

interface Place {
  id: string
  priority: number
}

/** Gives jobs their priorities; one that has come to its end needs none. */
async function prioritise(places: Place[]) {
  const one = async ({ id, priority }: Place) => {
    try {
      await take(api.POST('/api/v1/jobs/{job_id}/priority', { ...path(id), body: { priority } }))
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409)) throw error
    }
  }
  await Promise.all(places.map(one))
}

function show(places: Place[]) {
  const wanted = new Map(places.map(({ id, priority }) => [id, priority]))
  queries.setQueryData(livingQuery.queryKey, (all) =>
    all?.map((job) => ({ ...job, priority: wanted.get(job.id) ?? job.priority })),
  )
}

/** Does it, and says why not; who presses Z before it is done means this. */
function trying<T>(act: () => Promise<T>, otherwise?: () => void): Promise<T | undefined> {
  return doing(
    act().catch((error: unknown) => {
      otherwise?.()
      trouble(error, () => trying(act, otherwise))
      return undefined
    }),
  )
}
