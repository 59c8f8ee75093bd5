/** Every page and its address. A page's code is loaded when it is first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { BASE } from './base'
import { api, Problem, take } from './api/client'
import { meQuery } from './api/me'
import { queries } from './queries'
import { Missing, Waiting, Wrong } from './shell/Pages'
import { Shell } from './shell/Shell'

/** A search in the address: always a text, absent where there is none. */
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing, errorComponent: Wrong })

/** Pages for people who are signed in; the others are shown the way in, and come back here. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queries.query({ ...meQuery, staleTime: 'static' })
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
  component: lazyRouteComponent(() => import('./screens/home/Home'), 'Home'),
})
const library = createRoute({
  getParentRoute: () => inside,
  path: '/library',
  component: lazyRouteComponent(() => import('./screens/library/Library'), 'Library'),
  validateSearch: (search): { q?: string | undefined } => ({ q: text(search.q) }),
})
const bin = createRoute({
  getParentRoute: () => inside,
  path: '/library/bin',
  component: lazyRouteComponent(() => import('./screens/bin/Bin'), 'Bin'),
})
const posts = createRoute({
  getParentRoute: () => inside,
  path: '/library/posts',
  component: lazyRouteComponent(() => import('./screens/posts/Posts'), 'Posts'),
})
const post = createRoute({
  getParentRoute: () => inside,
  path: '/posts/$post',
  component: lazyRouteComponent(() => import('./screens/posts/Post'), 'Post'),
})
const media = createRoute({
  getParentRoute: () => inside,
  path: '/media/$media',
  component: lazyRouteComponent(() => import('./screens/viewer/Viewer'), 'Viewer'),
  validateSearch: (search): { q?: string | undefined } => ({ q: text(search.q) }),
})
const following = createRoute({
  getParentRoute: () => inside,
  path: '/following',
  component: lazyRouteComponent(() => import('./screens/following/Following'), 'Following'),
  validateSearch: (
    search,
  ): {
    view?: 'table' | undefined
    text?: string | undefined
    platform?: string | undefined
    state?: 'failing' | 'paused' | undefined
  } => ({
    view: search.view === 'table' ? 'table' : undefined,
    text: text(search.text),
    platform: text(search.platform),
    state: search.state === 'failing' || search.state === 'paused' ? search.state : undefined,
  }),
})
const subscription = createRoute({
  getParentRoute: () => following,
  path: '$subscription',
  component: lazyRouteComponent(() => import('./screens/following/Editor'), 'Editor'),
})
const queue = createRoute({
  getParentRoute: () => inside,
  path: '/queue',
  component: lazyRouteComponent(() => import('./screens/queue/Queue'), 'Queue'),
  validateSearch: (search): { job?: string | undefined } => ({ job: text(search.job) }),
})
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./screens/settings/Settings'), 'Settings'),
})
const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('./screens/settings/Preferences'), 'Preferences'),
})
const logins = createRoute({
  getParentRoute: () => settings,
  path: 'logins',
  component: lazyRouteComponent(() => import('./screens/logins/Logins'), 'Logins'),
})
const security = createRoute({
  getParentRoute: () => settings,
  path: 'security',
  component: lazyRouteComponent(() => import('./screens/security/Security'), 'Security'),
})
const accounts = createRoute({
  getParentRoute: () => settings,
  path: 'accounts',
  component: lazyRouteComponent(() => import('./screens/accounts/Accounts'), 'Accounts'),
})
const health = createRoute({
  getParentRoute: () => settings,
  path: 'health',
  component: lazyRouteComponent(() => import('./screens/health/Health'), 'Health'),
})
const logs = createRoute({
  getParentRoute: () => settings,
  path: 'logs',
  component: lazyRouteComponent(() => import('./screens/health/Logs'), 'Logs'),
})
const transfer = createRoute({
  getParentRoute: () => settings,
  path: 'transfer',
  component: lazyRouteComponent(() => import('./screens/transfer/Transfer'), 'Transfer'),
})
const help = createRoute({
  getParentRoute: () => inside,
  path: '/help',
  component: lazyRouteComponent(() => import('./screens/help/Help'), 'Help'),
})

const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./screens/welcome/Welcome'), 'Welcome'),
})
const after = (search: Record<string, unknown>): { after?: string | undefined } => ({
  after: text(search.after),
})
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./screens/sign-in/SignIn'), 'SignIn'),
  validateSearch: after,
})
const factor = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/factor',
  component: lazyRouteComponent(() => import('./screens/sign-in/Factor'), 'Factor'),
  validateSearch: after,
})
const duo = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/duo',
  component: lazyRouteComponent(() => import('./screens/sign-in/Duo'), 'Duo'),
})
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./screens/sign-in/Invitation'), 'Invitation'),
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
])

export const router = createRouter({
  routeTree: tree,
  basepath: BASE,
  defaultPreload: 'intent',
  defaultPendingComponent: Waiting,
  defaultPendingMs: 150,
  defaultErrorComponent: Wrong,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
