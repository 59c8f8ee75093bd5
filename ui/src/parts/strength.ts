export const LEAST = 12

export type Strength = 0 | 1 | 2 | 3 | 4

/** How strong a password looks by its length and variety; the server knows the common ones and decides. */
export function strengthOf(password: string): Strength {
  if (password.length < LEAST) return 0
  const variety = new Set(password.toLowerCase()).size
  if (variety < 5) return 1
  const score = password.length + variety
  return score < 22 ? 2 : score < 34 ? 3 : 4
}
