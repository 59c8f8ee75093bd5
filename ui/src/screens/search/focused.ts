/** Puts the focus into a field that somebody has opened to write in; after the popover has taken it. */
export function focused(field: HTMLInputElement | null) {
  const wait = requestAnimationFrame(() => field?.focus())
  return () => cancelAnimationFrame(wait)
}
