/** Days as the server counts them: those of UTC. */

export const DAY_MS = 86_400_000

/** The day of a moment, in ms since 1970, as it stands in searches: `2026-11-26`. */
export const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

/** The day that it is now. */
export const today = (now = Date.now()) => dayOf(now)
