/** The way to Duo's pages and back, which ends at `/sign-in/duo`. */
const DUO = 'duo'

/** Why somebody leaves for Duo, and where they go on when they come back. */
export interface Leaving {
  purpose: 'sign-in' | 'sudo' | 'add'
  after: string
}

export function leaveForDuo(url: string, leaving: Leaving) {
  sessionStorage.setItem(DUO, JSON.stringify(leaving))
  location.assign(url)
}

export function comeFromDuo(): Leaving {
  const kept = sessionStorage.getItem(DUO)
  sessionStorage.removeItem(DUO)
  return kept === null ? { purpose: 'sign-in', after: '/' } : (JSON.parse(kept) as Leaving)
}
