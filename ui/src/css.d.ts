import 'react'

declare module 'react' {
  /** Our own properties: how far a bar is, and what a style sheet reads. */
  interface CSSProperties {
    [name: `--${string}`]: string | number
  }
}
