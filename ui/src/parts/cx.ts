/** Joins the names of classes; what is false or missing falls out. */
export function cx(...names: (string | false | null | undefined)[]) {
  return names.filter(Boolean).join(' ')
}
