import '@fontsource-variable/instrument-sans/wght.css'
import './styles/index.css'
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { onSignedOut } from './api/client'
import { meQuery } from './api/me'
import { queries } from './queries'
import { router } from './routes'
import './shell/theme'

// English stands in the sources, compiled by the build; another language is loaded here once it exists.
i18n.setMessagesCompiler((message) => [message])
i18n.loadAndActivate({ locale: 'en', messages: {} })

onSignedOut(() => {
  if (queries.getQueryData(meQuery.queryKey) === undefined) return
  queries.clear()
  void router.invalidate()
})

/** Draws the first page once it is there; until then stands what the document itself shows. */
function start(place: HTMLElement) {
  place.replaceChildren()
  createRoot(place).render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>,
  )
}

const place = document.getElementById('root')
if (place !== null) {
  // Its code comes beside the answer who is here, not after it.
  const [matchedRoutes] = router.getMatchedRoutes(router.latestLocation.pathname)
  for (const route of matchedRoutes) void router.loadRouteChunk(route)
  // Who goes elsewhere before the first page is drawn is heard as well; later the router itself listens.
  const leave = router.history.subscribe(() => void router.load())
  void router.load().finally(() => {
    start(place)
    leave()
  })
}
