import { thumbHashToDataURL } from 'thumbhash'

const MOST = 2000
const made = new Map<string, string>()

/** The blurred picture of a thumbhash (Base64) as a CSS image; each is made once. */
export function placeholderOf(hash: string): string {
  let url = made.get(hash)
  if (url === undefined) {
    const [oldest] = made.keys()
    if (made.size >= MOST && oldest !== undefined) made.delete(oldest)
    const bytes = Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0))
    url = `url(${thumbHashToDataURL(bytes)})`
    made.set(hash, url)
  }
  return url
}
