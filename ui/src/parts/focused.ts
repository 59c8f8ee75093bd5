/**
 * Puts the focus into a field as it comes, as its `ref`: somebody has asked for it, or it is the one thing to do.
 * Not for what a dialog opens with, which moves the focus itself: there the field needs `autoFocus`, which in
 * turn does nothing for what comes later.
 */
export function focused(field: HTMLInputElement | null) {
  field?.focus()
}
