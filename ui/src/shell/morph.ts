/** Lets one page become another before one's eyes: the picture that was pressed grows into the one that is seen. */
const NAME = 'seen' // the viewer's picture has it by its style sheet
const MOST_MS = 300
const still = matchMedia('(prefers-reduced-motion: reduce)')

interface Wishes {
  change: () => void
  /** Whether the page is what it is to become: until then the old one stands still. */
  isDone: () => boolean
  /** What grows, or what it shrinks into, where the other page has the picture. */
  from?: HTMLElement | null
  into?: () => HTMLElement | null
}

/** Changes the page; where the browser can and motion is wanted, in a movement. */
export function morph({ change, isDone, from, into }: Wishes) {
  if (!('startViewTransition' in document) || still.matches) {
    change()
    return
  }
  const named = new Set<HTMLElement>()
  const name = (element: HTMLElement | null | undefined) => {
    if (!element) return
    element.style.viewTransitionName = NAME
    named.add(element)
  }
  name(from)
  const transition = document.startViewTransition(async () => {
    change()
    await until(isDone)
    for (const element of named) element.style.viewTransitionName = ''
    name(into?.())
  })
  const end = () => {
    for (const element of named) element.style.viewTransitionName = ''
  }
  transition.finished.then(end, end)
  // One that is skipped says so by these: the page has changed all the same.
  for (const told of [transition.ready, transition.updateCallbackDone]) told.catch(() => undefined)
}

/** Waits until something holds, a short while at most. No frame is drawn meanwhile: none is waited for. */
function until(isDone: () => boolean): Promise<void> {
  if (isDone()) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      watch.disconnect()
      resolve()
    }
    const timer = setTimeout(end, MOST_MS)
    const watch = new MutationObserver(() => isDone() && end())
    watch.observe(document.body, { childList: true, subtree: true })
  })
}
