import { thumbHashToDataURL } from 'thumbhash'

const MOST = 5000
const made = new Map<string, string>()

/** The blurred picture of a thumbhash (Base64) as a CSS image; each is made once. */
export function placeholderOf(hash: string): string {
  let url = made.get(hash)
  if (url === undefined) {
    if (made.size >= MOST) made.clear()
    const bytes = Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0))
    url = `url(${thumbHashToDataURL(bytes)})`
    made.set(hash, url)
  }
  return url
}
