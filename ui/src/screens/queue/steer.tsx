/** What people do to jobs. Each says what was done, and takes it back on demand. */
import { Plural, Trans } from '@lingui/react/macro'
import { api, Problem, take } from '../../api/client'
import { queries } from '../../queries'
import { livingQuery, withNews, type Job } from '../../shell/activity'
import { say } from '../../shell/toasts'
import { doing, done, trouble } from '../../shell/undo'
import { titleOf } from '../../words/jobs'
import { moved } from './rows'

const USUAL = 100
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

const steer = (action: 'cancel' | 'retry', ids: string[]) =>
  take(api.POST('/api/v1/jobs/batch', { body: { action, ids } }))

/** Brings a job to another place in its line. */
export async function move(line: Job[], from: number, to: number, came: ReadonlyMap<string, number>) {
  const changes = moved(line, from, to, came)
  const job = line[from]
  if (job === undefined || changes.length === 0) return
  const before = new Map(line.map((each) => [each.id, each]))
  show(changes.flatMap(({ id, priority }) => withPriority(before.get(id), priority)))
  await trying(
    async () => {
      await prioritise(changes)
      const title = titleOf(job)
      done(<Trans>Moved: {title}</Trans>, () =>
        prioritise(changes.map(({ id }) => ({ id, priority: before.get(id)?.priority ?? USUAL }))),
      )
    },
    () => show([...before.values()]),
  )
}

function withPriority(job: Job | undefined, priority: number): Job[] {
  return job === undefined ? [] : [{ ...job, priority }]
}

/** Gives jobs their priorities; one that has come to its end needs none. */
async function prioritise(changes: { id: string; priority: number }[]) {
  const one = async ({ id, priority }: (typeof changes)[number]) => {
    try {
      await take(api.POST('/api/v1/jobs/{job_id}/priority', { ...path(id), body: { priority } }))
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409)) throw error
    }
  }
  await Promise.all(changes.map(one))
}

function show(jobs: Job[]) {
  const news = new Map(jobs.map((job) => [job.id, job]))
  queries.setQueryData(livingQuery.queryKey, (all) => all && withNews(all, news))
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
