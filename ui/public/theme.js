// Runs before the first paint, so that no page flashes in the other scheme. Its own file: the
// content security policy allows no script inside a page.
{
  const chosen = localStorage.getItem('theme')
  const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
}
