/** Where somebody goes after signing in: a page of ours, never another site. */
export function pageAfter(after: string | undefined): string {
  if (after === undefined || !/^\/(?![/\\])/.test(after) || /[\p{Cc}\\]/u.test(after)) return '/'
  return /^\/(?:sign-in|welcome|invitation|enrol)\b/.test(after) ? '/' : after
}
