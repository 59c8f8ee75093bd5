/** Files on their way: an export as it comes, an import as it goes, each with how far it is. */
import { addressOf, api, Problem, type Schemas } from '../../api/client'

export type Report = Schemas['ImportReport']
export const WHAT = ['all', 'history', 'posts', 'media', 'subscriptions', 'settings'] as const
export type What = (typeof WHAT)[number]
export type Format = 'jsonl' | 'csv'

/** What goes into one table; the others hold several kinds of things. */
export function fitsTable(what: What): boolean {
  return what !== 'all' && what !== 'history'
}

const LINES = 'application/x-ndjson'
const FOLD = 16_000_000

/** Reads an export to its end; what has come is folded into one blob now and then, so that the browser can keep it on disk. */
export async function receive(
  what: What,
  format: Format,
  told: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const { data } = await api.GET('/api/v1/export', {
    params: { query: { what, format } },
    parseAs: 'stream',
    signal,
  })
  const reader = (data as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader()
  let whole = new Blob()
  let parts: BlobPart[] = []
  let bytes = 0
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true as const, value: undefined }
    if (done) return new Blob([whole, ...parts])
    parts.push(value)
    bytes += value.byteLength
    told(bytes)
    if (bytes - whole.size > FOLD) {
      whole = new Blob([whole, ...parts])
      parts = []
    }
  }
}

/** Sends lines to be taken in; with `dryRun` it only tells what would be done. */
export function send(
  file: Blob,
  dryRun: boolean,
  told: (part: number) => void,
  signal: AbortSignal,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest() // `fetch` does not tell how much has gone
    request.open('POST', addressOf(`/api/v1/import?dry_run=${dryRun}`))
    request.setRequestHeader('content-type', LINES)
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 1)
    request.onerror = () => reject(new Problem(0, '', '', ''))
    request.onabort = () => reject(signal.reason as Error)
    request.onload = () => {
      if (request.status < 300) resolve(request.response as Report)
      else {
        const { title = '', detail = '', id = '' } = (request.response ?? {}) as Partial<Schemas['Problem']>
        reject(new Problem(request.status, title, detail, id))
      }
    }
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

export function wasAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
