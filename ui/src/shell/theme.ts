/** The scheme of colours: the system's, or the one a person chose in this browser. */
export type Theme = 'system' | 'light' | 'dark'

const watchers = new Set<() => void>()
const system = matchMedia('(prefers-color-scheme: dark)')

export function chosenTheme(): Theme {
  const chosen = localStorage.getItem('theme')
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

export function chooseTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem('theme')
  else localStorage.setItem('theme', theme)
  apply()
  for (const tell of watchers) tell()
}

/** Calls back when another one is chosen; gives what ends that. */
export function watchTheme(tell: () => void) {
  watchers.add(tell)
  return () => void watchers.delete(tell)
}

function apply() {
  const theme = chosenTheme()
  const dark = theme === 'system' ? system.matches : theme === 'dark'
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
}

system.addEventListener('change', apply)
