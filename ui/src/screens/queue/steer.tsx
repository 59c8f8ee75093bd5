/** What people do to jobs. Each says what was done, and takes it back on demand. */
import { Plural, Trans } from '@lingui/react/macro'
import { api, take } from '../../api/client'
import { queries } from '../../queries'
import { livingQuery, withNews, type Job } from '../../shell/activity'
import { say } from '../../shell/toasts'
import { done, trouble } from '../../shell/undo'
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
    const { changed } = await take(api.POST('/api/v1/jobs/batch', { body: { action: 'cancel', ids } }))
    done(<Plural value={changed} one="Cancelled: # job" other="Cancelled: # jobs" />, () =>
      take(api.POST('/api/v1/jobs/batch', { body: { action: 'retry', ids } })),
    )
  })
}

export async function againMany(ids: string[]) {
  await trying(async () => {
    const { changed } = await take(api.POST('/api/v1/jobs/batch', { body: { action: 'retry', ids } }))
    say(<Plural value={changed} one="# job goes on" other="# jobs go on" />)
  })
}

/** Brings a job to another place in its line. */
export async function move(line: Job[], from: number, to: number, came: ReadonlyMap<string, number>) {
  const changes = moved(line, from, to, came)
  const before = new Map(line.map((job) => [job.id, job]))
  show(changes.flatMap(({ id, priority }) => withPriority(before.get(id), priority)))
  await trying(
    () => Promise.all(changes.map(({ id, priority }) => prioritise(id, priority))),
    () => show([...before.values()]),
  )
}

function withPriority(job: Job | undefined, priority: number): Job[] {
  return job === undefined ? [] : [{ ...job, priority }]
}

function prioritise(id: string, priority: number) {
  return take(api.POST('/api/v1/jobs/{job_id}/priority', { ...path(id), body: { priority } }))
}

function show(jobs: Job[]) {
  const news = new Map(jobs.map((job) => [job.id, job]))
  queries.setQueryData(livingQuery.queryKey, (all) => all && withNews(all, news))
}

async function trying<T>(act: () => Promise<T>, otherwise?: () => void): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    otherwise?.()
    trouble(error)
    return undefined
  }
}
