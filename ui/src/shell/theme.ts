/** The scheme of colours: the system's, or the one a person chose in this browser. */
export type Theme = 'system' | 'light' | 'dark'

const system = matchMedia('(prefers-color-scheme: dark)')

export function chosenTheme(): Theme {
  const chosen = localStorage.getItem('theme')
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

export function chooseTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem('theme')
  else localStorage.setItem('theme', theme)
  apply()
}

function apply() {
  const theme = chosenTheme()
  const dark = theme === 'system' ? system.matches : theme === 'dark'
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
}

system.addEventListener('change', apply)
