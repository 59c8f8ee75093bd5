/** The rows of the queue: which there are, in which order, and that they stay where the pointer is. */
import { isOver, type Job } from '../../shell/activity'
import type { Ended } from '../../shell/ended'
import type { Lane } from '../../words/jobs'

export type Row =
  | { type: 'lane'; key: string; lane: Lane; last: boolean }
  | { type: 'platform'; key: string; lane: Lane; platform: string; last: boolean }
  | { type: 'job'; key: string; lane: Lane; platform: string; last: boolean; job: Job; folding: boolean }

const ORDER: Lane[] = ['interactive', 'sync', 'housekeeping']
const RANK: Record<string, number> = { queued: 1, waiting: 2 }

/** All rows in their right order: lanes, in them platforms, in them jobs. Lanes in `always` show empty. */
export function rowsOf(jobs: Job[], ended: ReadonlyMap<string, Ended>, always: readonly Lane[]): Row[] {
  const shown = new Map<string, { job: Job; folding: boolean }>()
  for (const job of jobs) shown.set(job.id, { job, folding: false })
  for (const [id, one] of ended) shown.set(id, one)
  const all = inLine([...shown.values()].map(({ job }) => job))
  return ORDER.flatMap((lane): Row[] => {
    const mine = all.filter((job) => job.lane === lane)
    if (mine.length === 0 && !always.includes(lane)) return []
    const platforms = [...new Set(mine.map((job) => job.platform))].toSorted()
    const rows = platforms.flatMap((platform): Row[] => [
      { type: 'platform', key: `platform ${lane} ${platform}`, lane, platform, last: false },
      ...mine
        .filter((job) => job.platform === platform)
        .map((job): Row => {
          const folding = shown.get(job.id)?.folding ?? false
          return { type: 'job', key: job.id, lane, platform, last: false, job, folding }
        }),
    ])
    return [{ type: 'lane', key: `lane ${lane}`, lane, last: false }, ...rows]
  })
}

/** Jobs as they come: what runs, then the line, then what waits for a time. `jobs` is newest first. */
export function inLine(jobs: Job[]): Job[] {
  const came = new Map(jobs.map((job, index) => [job.id, -index]))
  const rank = (job: Job) => (isOver(job) ? 0 : (RANK[job.state] ?? 0))
  return jobs.toSorted((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    if (rank(a) === 0) return compare(a.started_at, b.started_at) || compare(a.id, b.id)
    if (rank(a) === 2) return compare(a.next_at, b.next_at) || compare(a.id, b.id)
    return (
      a.priority - b.priority ||
      compare(a.created_at, b.created_at) ||
      (came.get(a.id) ?? 0) - (came.get(b.id) ?? 0)
    )
  })
}

const compare = (a: string | null, b: string | null) => (a ?? '').localeCompare(b ?? '')

/**
 * The rows of `next`, each where it was in `before`: new ones come to the end of their section, so that
 * nothing moves under a pointer.
 */
export function settled(before: readonly string[], next: Row[]): Row[] {
  const left = new Map(next.map((row) => [row.key, row]))
  const rows = before.flatMap((key) => {
    const row = left.get(key)
    left.delete(key)
    return row === undefined ? [] : [row]
  })
  for (const row of left.values()) {
    const place = rows.findLastIndex((other) => sectionOf(other, row.type) === sectionOf(row, row.type))
    rows.splice(place < 0 ? rows.length : place + 1, 0, row)
  }
  return rows
}

function sectionOf(row: Row, type: Row['type']) {
  if (type === 'lane') return row.type === 'lane' ? row.key : ''
  return type === 'platform' || row.type === 'lane' ? row.lane : `${row.lane} ${row.platform}`
}

/** Says of each row whether it is the last of its lane, as they stand. */
export function withEnds(rows: Row[]): Row[] {
  return rows.map((row, index) => ({ ...row, last: rows[index + 1]?.lane !== row.lane }))
}

/**
 * The priorities that bring one of the jobs of a line to another place in it: as few as possible.
 * The line is in its order; of equal priority, who came first (the lower number) is first.
 */
export function moved(
  line: Job[],
  from: number,
  to: number,
  came: ReadonlyMap<string, number>,
): { id: string; priority: number }[] {
  const job = line[from]
  if (job === undefined || from === to || to < 0 || to >= line.length) return []
  const after = line.toSpliced(from, 1).toSpliced(to, 0, job)
  const priority = after.map((each) => each.priority)
  const at = (index: number) => priority[index] ?? 0
  const rank = (index: number) => came.get(after[index]?.id ?? '') ?? 0
  const gap = (index: number) => (rank(index) < rank(index + 1) ? 0 : 1)
  if (to < from)
    for (let index = to; index >= 0; index -= 1)
      priority[index] = Math.min(at(index), at(index + 1) - gap(index))
  else
    for (let index = to; index < after.length; index += 1)
      priority[index] = Math.max(at(index), at(index - 1) + gap(index - 1))
  return after.flatMap((each, index) =>
    each.priority === at(index) ? [] : [{ id: each.id, priority: Math.max(1, at(index)) }],
  )
}

/** When each job came, as numbers: `jobs` is newest first. */
export function comingOf(jobs: Job[]): ReadonlyMap<string, number> {
  const came = jobs.map((job, index) => ({ job, index }))
  const first = came.toSorted((a, b) => compare(a.job.created_at, b.job.created_at) || b.index - a.index)
  return new Map(first.map(({ job }, index) => [job.id, index]))
}
