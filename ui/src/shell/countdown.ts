type Holder = 'pointer' | 'focus'

/** The time that something has left; it stands still while somebody is at it, from before the start even. */
export class Countdown {
  #since = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #holders = new Set<Holder>()

  constructor(
    private readonly end: () => void,
    private left: number,
  ) {}

  start() {
    if (this.#holders.size === 0 && this.#timer === undefined) {
      this.#since = Date.now()
      this.#timer = setTimeout(this.end, this.left)
    }
    return this.#stop
  }

  hold(who: Holder) {
    this.#holders.add(who)
    this.#stop()
  }

  release(who: Holder) {
    if (this.#holders.delete(who) && this.#holders.size === 0) this.start()
  }

  #stop = () => {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.left -= Date.now() - this.#since
  }
}
