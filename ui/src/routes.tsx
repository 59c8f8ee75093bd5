/** Every page and its address. A page's code is loaded when it is first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { noop } from '@tanstack/react-query'
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { BASE } from './base'
import { api, Problem, take } from './api/client'
import { meQuery } from './api/me'
import { bucketsQuery } from './gallery/data'
import { queries } from './queries'
import { isReadable } from './screens/search/readable'
import { searching } from './screens/search/searching'
import { Missing, Root, Wrong } from './shell/Pages'
import { Shell } from './shell/Shell'
import type { JobReason } from './shell/needsOpen'
import { REASONS, type Reason } from './words/reasons'

/** A search in the address: always a text, absent where there is none. */
const reason = (value: unknown): Reason | undefined =>
  typeof value === 'string' && value in REASONS ? (value as Reason) : undefined
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

const root = createRootRoute({ component: Root, notFoundComponent: Missing, errorComponent: Wrong })

/** A number of a thing in the address. */
const whole = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : undefined)

const DAY = /^\d{4}-\d\d-\d\d$/

const SECURITY_STEPS = ['passkey', 'totp', 'duo', 'key', 'password'] as const
export type SecurityStep = (typeof SECURITY_STEPS)[number]
const WELCOME_STEPS = ['passkey', 'library', 'link'] as const
export type WelcomeStep = (typeof WELCOME_STEPS)[number]

/** Pages for people who are signed in; the others are shown the way in, and come back here. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      const { must_enrol } = await queries.query({ ...meQuery, staleTime: 'static' })
      if (must_enrol) throw redirect({ to: '/enrol', search: { after: location.href } })
    } catch (error) {
      if (!(error instanceof Problem && error.status === 401)) throw error
      const { needed } = await take(api.GET('/api/v1/setup'))
      if (needed) throw redirect({ to: '/welcome' })
      throw redirect({ to: '/sign-in', search: { after: location.href } })
    }
  },
})

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  staticData: { title: msg`Home` },
  component: lazyRouteComponent(() => import('./screens/home/Home'), 'Home'),
})
const library = createRoute({
  getParentRoute: () => inside,
  path: '/library',
  staticData: { title: msg`Library` },
  component: lazyRouteComponent(() => import('./screens/library/Library'), 'Library'),
  validateSearch: (search): { q?: string | undefined; at?: string | undefined } => ({
    q: text(search.q),
    at: text(search.at),
  }),
  // What the timeline begins with comes beside its code, not after it; what a search stands in as well.
  loaderDeps: ({ search: { q = '' } }) => ({ q }),
  // Who is on the page already waits for nothing.
  loader: async ({ deps: { q }, cause }) => {
    if (isReadable(q)) queries.query(bucketsQuery(q)).catch(noop)
    if (q !== '' && cause !== 'stay') await searching()
  },
  staleTime: Infinity,
})
const bin = createRoute({
  getParentRoute: () => inside,
  path: '/library/bin',
  staticData: { title: msg`Recycle bin` },
  component: lazyRouteComponent(() => import('./screens/bin/Bin'), 'Bin'),
  validateSearch: (search): { view?: 'purged' | undefined } => ({
    view: search.view === 'purged' ? 'purged' : undefined,
  }),
})
const posts = createRoute({
  getParentRoute: () => inside,
  path: '/library/posts',
  staticData: { title: msg`Posts` },
  component: lazyRouteComponent(() => import('./screens/posts/Posts'), 'Posts'),
  validateSearch: (search): { platform?: string | undefined } => ({ platform: text(search.platform) }),
})
const post = createRoute({
  getParentRoute: () => inside,
  path: '/posts/$post',
  staticData: { title: msg`Post` },
  component: lazyRouteComponent(() => import('./screens/posts/Post'), 'Post'),
  validateSearch: (search): { at?: number | undefined } => ({
    at: typeof search.at === 'number' ? search.at : undefined,
  }),
})
const media = createRoute({
  getParentRoute: () => inside,
  path: '/media/$media',
  staticData: { title: msg`Picture` },
  component: lazyRouteComponent(() => import('./screens/viewer/Viewer'), 'Viewer'),
  validateSearch: (search): { q?: string | undefined; info?: boolean | undefined } => ({
    q: text(search.q),
    info: typeof search.info === 'boolean' ? search.info : undefined,
  }),
})
const FOLLOWING_STATES = ['healthy', 'backfill', 'failing', 'you', 'trouble', 'quiet', 'paused'] as const
export type FollowingState = (typeof FOLLOWING_STATES)[number]
const FOLLOWING_SORTS = ['next', 'name', 'checked', 'health'] as const
export type FollowingSort = (typeof FOLLOWING_SORTS)[number]
const SUBSCRIPTION_TABS = ['when', 'access'] as const
export type SubscriptionTab = (typeof SUBSCRIPTION_TABS)[number]
interface FollowingSearch {
  view?: 'table' | undefined
  text?: string | undefined
  platform?: string | undefined
  state?: FollowingState | undefined
  /** Why the last check did not end well. */
  reason?: Reason | undefined
  sort?: FollowingSort | undefined
  /** The sheet to follow something, with the link that stands in it. */
  follow?: string | undefined
  /** The sheet that changes all that are selected. */
  edit?: true | undefined
}
const following = createRoute({
  getParentRoute: () => inside,
  path: '/following',
  staticData: { title: msg`Following` },
  component: lazyRouteComponent(() => import('./screens/following/Following'), 'Following'),
  validateSearch: (search): FollowingSearch => ({
    view: search.view === 'table' ? 'table' : undefined,
    text: text(search.text),
    platform: text(search.platform),
    state: FOLLOWING_STATES.find((state) => state === search.state),
    reason: reason(search.reason),
    sort: FOLLOWING_SORTS.find((sort) => sort === search.sort),
    follow: typeof search.follow === 'string' ? search.follow : undefined,
    edit: search.edit === true ? true : undefined,
  }),
})
const subscription = createRoute({
  getParentRoute: () => following,
  path: '$subscription',
  staticData: { title: msg`Subscription` },
  component: lazyRouteComponent(() => import('./screens/following/Editor'), 'Editor'),
  validateSearch: (search): { tab?: SubscriptionTab | undefined } => ({
    tab: SUBSCRIPTION_TABS.find((tab) => tab === search.tab),
  }),
})
const queue = createRoute({
  getParentRoute: () => inside,
  path: '/queue',
  staticData: { title: msg`Queue` },
  component: lazyRouteComponent(() => import('./screens/queue/Queue'), 'Queue'),
  validateSearch: (
    search,
  ): {
    job?: string | undefined
    tab?: 'finished' | 'needs' | undefined
    /** With `needs`: only those of this reason, on this platform. */
    reason?: JobReason | undefined
    platform?: string | undefined
    state?: 'done' | 'failed' | 'cancelled' | undefined
    lane?: 'sync' | 'housekeeping' | 'all' | undefined
    /** The day from which on they ended. */
    since?: string | undefined
  } => ({
    job: text(search.job),
    since: typeof search.since === 'string' && DAY.test(search.since) ? search.since : undefined,
    tab: search.tab === 'finished' || search.tab === 'needs' ? search.tab : undefined,
    reason: search.reason === 'none' ? 'none' : reason(search.reason),
    platform: text(search.platform),
    state:
      search.state === 'done' || search.state === 'failed' || search.state === 'cancelled'
        ? search.state
        : undefined,
    lane:
      search.lane === 'sync' || search.lane === 'housekeeping' || search.lane === 'all'
        ? search.lane
        : undefined,
  }),
})
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  staticData: { title: msg`Settings` },
  component: lazyRouteComponent(() => import('./screens/settings/Settings'), 'Settings'),
})
const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('./screens/settings/Preferences'), 'Preferences'),
  validateSearch: (search): { section?: string | undefined; find?: string | undefined } => ({
    section: text(search.section),
    find: text(search.find),
  }),
})
const logins = createRoute({
  getParentRoute: () => settings,
  path: 'logins',
  staticData: { title: msg`Logins` },
  component: lazyRouteComponent(() => import('./screens/logins/Logins'), 'Logins'),
  validateSearch: (search): { add?: string | undefined; login?: number | undefined } => ({
    add: text(search.add),
    login: typeof search.login === 'number' ? search.login : undefined,
  }),
})
const security = createRoute({
  getParentRoute: () => settings,
  path: 'security',
  staticData: { title: msg`Account and security` },
  component: lazyRouteComponent(() => import('./screens/security/Security'), 'Security'),
  validateSearch: (search): { add?: SecurityStep | undefined } => ({
    add: SECURITY_STEPS.find((step) => step === search.add),
  }),
})
const accounts = createRoute({
  getParentRoute: () => settings,
  path: 'accounts',
  staticData: { title: msg`Accounts` },
  component: lazyRouteComponent(() => import('./screens/accounts/Accounts'), 'Accounts'),
  validateSearch: (
    search,
  ): { account?: number | 'new' | undefined; event?: string | undefined; by?: number | undefined } => ({
    account: search.account === 'new' ? 'new' : whole(search.account),
    event: text(search.event),
    by: whole(search.by),
  }),
})
const health = createRoute({
  getParentRoute: () => settings,
  path: 'health',
  staticData: { title: msg`Health` },
  component: lazyRouteComponent(() => import('./screens/health/Health'), 'Health'),
})
const logs = createRoute({
  getParentRoute: () => settings,
  path: 'logs',
  staticData: { title: msg`Logs` },
  component: lazyRouteComponent(() => import('./screens/health/Logs'), 'Logs'),
  validateSearch: (
    search,
  ): {
    level?: 'info' | 'warning' | 'error' | undefined
    text?: string | undefined
    job?: string | undefined
    request?: string | undefined
    requests?: true | undefined
  } => ({
    level:
      search.level === 'info' || search.level === 'warning' || search.level === 'error'
        ? search.level
        : undefined,
    text: text(search.text),
    job: text(search.job),
    request: text(search.request),
    requests: search.requests === true || undefined,
  }),
})
const transfer = createRoute({
  getParentRoute: () => settings,
  path: 'transfer',
  staticData: { title: msg`Import and export` },
  component: lazyRouteComponent(() => import('./screens/transfer/Transfer'), 'Transfer'),
  validateSearch: (search): { what?: string | undefined; format?: 'csv' | undefined } => ({
    what: text(search.what),
    format: search.format === 'csv' ? 'csv' : undefined,
  }),
})
const help = createRoute({
  getParentRoute: () => inside,
  path: '/help',
  staticData: { title: msg`Keys` },
  component: lazyRouteComponent(() => import('./screens/help/Help'), 'Help'),
})

const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  staticData: { title: msg`Welcome` },
  component: lazyRouteComponent(() => import('./screens/welcome/Welcome'), 'Welcome'),
  validateSearch: (search): { step?: WelcomeStep | undefined; job?: string | undefined } => ({
    step: WELCOME_STEPS.find((step) => step === search.step),
    job: text(search.job),
  }),
})
const after = (search: Record<string, unknown>): { after?: string | undefined } => ({
  after: text(search.after),
})
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  staticData: { title: msg`Sign in` },
  component: lazyRouteComponent(() => import('./screens/sign-in/SignIn'), 'SignIn'),
  validateSearch: (search): { after?: string | undefined; problem?: string | undefined } => ({
    after: text(search.after),
    problem: text(search.problem),
  }),
})
const factor = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/factor',
  staticData: { title: msg`Second step` },
  component: lazyRouteComponent(() => import('./screens/sign-in/Factor'), 'Factor'),
  validateSearch: after,
})
const duo = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/duo',
  staticData: { title: msg`Second step` },
  component: lazyRouteComponent(() => import('./screens/sign-in/Duo'), 'Duo'),
})
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  staticData: { title: msg`Invitation` },
  component: lazyRouteComponent(() => import('./screens/sign-in/Invitation'), 'Invitation'),
})

const enrol = createRoute({
  getParentRoute: () => root,
  path: '/enrol',
  staticData: { title: msg`Second factor` },
  component: lazyRouteComponent(() => import('./screens/sign-in/Enrol'), 'Enrol'),
  validateSearch: after,
})

const tree = root.addChildren([
  inside.addChildren([
    home,
    library,
    bin,
    posts,
    post,
    media,
    following.addChildren([subscription]),
    queue,
    settings.addChildren([settingsHome, logins, security, accounts, health, logs, transfer]),
    help,
  ]),
  welcome,
  signIn,
  factor,
  duo,
  invitation,
  enrol,
])

export const router = createRouter({
  routeTree: tree,
  basepath: BASE,
  defaultPreload: 'intent',
  // No page of waiting: who goes on sees the page they are on until the next is there, and loses nothing of it.
  defaultErrorComponent: Wrong,
  // The gallery keeps its place by itself: its scroll box is not as high as what it shows.
  scrollRestoration: ({ location }) => !location.pathname.endsWith('/library'),
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface StaticDataRouteOption {
    /** What the page is called in the browser's tab; the innermost one counts. */
    title?: MessageDescriptor
  }
}
