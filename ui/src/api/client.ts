/** The typed way to the server. Every call either gives what it promises or throws a `Problem`. */
import createClient from 'openapi-fetch'
import { BASE } from '../base'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

/** Why a request did not succeed, in the server's words (RFC 9457). `status` 0: it was not reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly id: string,
    readonly retryAfterS: number | null = null,
    /** Which problem it is, where one word is needed: `code-needed`. */
    readonly kind = '',
  ) {
    super(detail || title)
  }
}

type Prove = () => Promise<boolean>
type Listener = () => void

let prove: Prove = () => Promise.resolve(false)
let signedOut: Listener = () => undefined
let databaseAway: Listener = () => undefined

/** Sets who asks a person to prove again who they are; `true` says that they did. */
export function onProofNeeded(ask: Prove) {
  prove = ask
}

/** Sets who is told that a request was refused because the database is away. */
export function onDatabaseAway(tell: Listener) {
  databaseAway = tell
}

/** Sets who is told that the session has ended. */
export function onSignedOut(tell: Listener) {
  signedOut = tell
}

async function send(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await reach(request)
  if (response.status === 403 && response.headers.has('x-reauth') && (await prove())) return reach(again)
  return response
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(0, '', '', '')
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const told: unknown = await response.json().catch(() => ({}))
  const { title = '', detail = '', id = '', type = '' } = told as Partial<Schemas['Problem']>
  const after = response.headers.get('retry-after')
  const kind = type.split(':').at(-1)
  return new Problem(response.status, title, detail, id, after === null ? null : Number(after), kind)
}

export const api = createClient<paths>({ baseUrl: BASE.slice(0, -1), fetch: send })

/** Whether this page ends with its session. */
let leaving = false

const OPEN = ['/api/v1/session', '/api/v1/setup', '/api/v1/invitations']

api.use({
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined
    if (response.status === 401 && !leaving && !OPEN.some((path) => schemaPath.startsWith(path))) signedOut()
    const problem = await problemOf(response)
    if (problem.kind === 'database-away') databaseAway()
    throw problem
  },
})

/** Ends the session and begins anew. What this page still asks for is refused, which is no news to anybody. */
export async function signOut() {
  leaving = true
  addEventListener('pageshow', () => (leaving = false), { once: true }) // should somebody come back to it
  try {
    await api.DELETE('/api/v1/session')
  } catch (error) {
    leaving = false
    throw error
  }
  location.assign(BASE)
}

/** Waits for a call and gives its data: `await take(api.GET('/api/v1/me'))`. */
export async function take<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call
  return data as T
}

/** As `take`, with the version that `If-Match` wants when the thing is changed. */
export async function takeVersioned<T>(
  call: Promise<{ data?: T; response: Response }>,
): Promise<{ value: T; etag: string | null }> {
  const { data, response } = await call
  return { value: data as T, etag: response.headers.get('etag') }
}

/** The address of a route of the API for what is no call: downloads, the stream. Those the server tells are whole. */
export function addressOf(path: string) {
  return BASE.slice(0, -1) + path
}
