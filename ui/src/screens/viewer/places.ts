/** What the player keeps in this browser: how loud it was, and where each video was left. */
const VOLUME = 'video-volume'
const PLACES = 'video-places'
const MOST = 300
const NEAR_S = 5

type Places = Record<string, number>

function read<T>(key: string, otherwise: T): T {
  try {
    return { ...otherwise, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<T>) }
  } catch {
    return otherwise
  }
}

function write(key: string, value: unknown) {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // A browser that keeps nothing plays from the start.
  }
}

export const loudness = () => read(VOLUME, { volume: 1, muted: false })
export const keepLoudness = (volume: number, muted: boolean) => write(VOLUME, { volume, muted })

export const placeIn = (id: string) => read<Places>(PLACES, {})[id] ?? 0

/** Keeps where a video was left; forgets it at its beginning and its end. */
export function keepPlace(id: string, at: number, length: number) {
  const { [id]: old, ...others } = read<Places>(PLACES, {})
  const away = at < NEAR_S || at > length - NEAR_S
  if (old === undefined && away) return
  const kept = Object.entries(others).slice(-MOST)
  write(PLACES, Object.fromEntries(away ? kept : [...kept, [id, Math.round(at)]]))
}
