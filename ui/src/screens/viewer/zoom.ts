/** Where a picture lies on the stage: `scale` 1 fits, `x` and `y` move its middle, in pixels. */
export interface View {
  scale: number
  x: number
  y: number
}
export interface Box {
  width: number
  height: number
}

export const FIT: View = { scale: 1, x: 0, y: 0 }
const STEP = 1.5
const BEYOND = 4

/** How large a picture may become: four times its own pixels, and at least four times what fits. */
export function largest(natural: number, shown: number): number {
  return Math.max(BEYOND, shown > 0 ? (natural / shown) * BEYOND : BEYOND)
}

/** Keeps a picture's edges from coming inside the stage; what is smaller stays in the middle. */
export function kept({ scale, x, y }: View, picture: Box, stage: Box): View {
  const free = (size: number, room: number) => Math.max(0, (size * scale - room) / 2)
  const within = (value: number, most: number) => Math.min(most, Math.max(-most, value)) + 0 // no -0
  return {
    scale,
    x: within(x, free(picture.width, stage.width)),
    y: within(y, free(picture.height, stage.height)),
  }
}

/** Zooms so that what lies at a point (from the stage's middle) stays there. */
export function zoomed(view: View, scale: number, most: number, at = { x: 0, y: 0 }): View {
  const next = Math.min(most, Math.max(1, scale))
  const by = next / view.scale
  return { scale: next, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }
}

export const stepped = (view: View, direction: 1 | -1, most: number) =>
  zoomed(view, direction > 0 ? view.scale * STEP : view.scale / STEP, most)

/** What a finger meant that moved without zooming. */
export function swiped(x: number, y: number, ms: number): 'next' | 'back' | 'close' | null {
  const quick = ms < 350
  if (Math.abs(x) > Math.abs(y) && Math.abs(x) > (quick ? 40 : 120)) return x < 0 ? 'next' : 'back'
  return y > Math.abs(x) && y > (quick ? 60 : 140) ? 'close' : null
}
