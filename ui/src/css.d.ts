import 'react'

declare module 'react' {
  /** Our own properties: how far a bar is, and what a style sheet reads. */
  // eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style -- only an interface adds to one
  interface CSSProperties {
    [name: `--${string}`]: string | number
  }
}
