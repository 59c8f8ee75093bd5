import { thumbHashToAverageRGBA, thumbHashToDataURL } from 'thumbhash'

const MOST = 4000
// Where the browser does not say when it has time, it is taken in small pieces.
const [SPAN_MS, APART_MS] = [6, 40]
const PASSING_MS = 400
const made = new Map<string, string>()
const wanted = new Set<string>()
let hurried = false
let passed = 0
let working = false

/** The blurred picture of a thumbhash (Base64) as a CSS image; each is made once. */
export function placeholderOf(hash: string): string {
  const known = made.get(hash)
  if (known !== undefined) return known
  const url = `url(${thumbHashToDataURL(bytesOf(hash))})`
  const [oldest] = made.keys()
  if (made.size >= MOST && oldest !== undefined) made.delete(oldest)
  made.set(hash, url)
  return url
}

/** Says whether pictures are passing by. One blurred picture takes longer than all else that a tile costs. */
export function hurry(on: boolean) {
  hurried = on
  if (on) passed = performance.now()
}

/** What stands in the place of a picture while it loads. In a hurry its colour will do where no more is made. */
export function ground(hash: string): React.CSSProperties {
  if (hurried && !made.has(hash)) return { backgroundColor: colourOf(hash) }
  return { backgroundImage: placeholderOf(hash) }
}

/** Makes blurred pictures ahead, when nothing has passed by for a while and there is time. */
export function prepare(hashes: readonly (string | null)[]) {
  for (const hash of hashes) if (hash !== null && !made.has(hash)) wanted.add(hash)
  for (const hash of wanted) {
    if (wanted.size <= MOST / 2) break
    wanted.delete(hash) // who asked for it has long passed by
  }
  if (!working) whenIdle()
}

function whenIdle() {
  working = wanted.size > 0
  if (!working) return
  if ('requestIdleCallback' in window) requestIdleCallback(work)
  else setTimeout(() => work(shortly(SPAN_MS)), APART_MS)
}

function shortly(ms: number): Pick<IdleDeadline, 'timeRemaining'> {
  const end = performance.now() + ms
  return { timeRemaining: () => end - performance.now() }
}

function work(deadline: Pick<IdleDeadline, 'timeRemaining'>) {
  if (performance.now() - passed < PASSING_MS) {
    setTimeout(whenIdle, PASSING_MS)
    return
  }
  for (const hash of wanted) {
    if (deadline.timeRemaining() < 2) break
    wanted.delete(hash)
    placeholderOf(hash)
  }
  whenIdle()
}

function colourOf(hash: string): string {
  const { r, g, b } = thumbHashToAverageRGBA(bytesOf(hash))
  return `rgb(${[r, g, b].map((part) => Math.round(part * 255)).join(' ')})`
}

function bytesOf(hash: string): Uint8Array {
  return Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0))
}
