/** Shows the control of a field and gives it the focus; false if it is not on this page. */
export function focusOn(key: string): boolean {
  const control = document.getElementById(`${key}-control`)
  if (control === null) return false
  control.scrollIntoView({ block: 'center' })
  control.focus({ preventScroll: true })
  return true
}
