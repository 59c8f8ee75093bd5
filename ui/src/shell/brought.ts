/** Cookies that were dropped somewhere, on their way to the page of logins. They are in memory only. */
type Taker = (text: string) => void

let waiting = ''
let taker: Taker | undefined

/** Whether somebody takes them at once, wherever they are dropped. */
export const isTaken = () => taker !== undefined

/** Hands cookies over, to who takes them now or to the next who does. */
export function bring(text: string) {
  if (taker) taker(text)
  else waiting = text
}

/** Calls back with what was brought and what will be; gives what ends that. */
export function takeBrought(take: Taker) {
  taker = take
  if (waiting !== '') take(waiting)
  waiting = ''
  return () => {
    taker = undefined
  }
}
