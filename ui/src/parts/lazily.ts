import { lazy, type ReactNode } from 'react'

/** A part whose code is loaded when it is first shown. Whoever shows it says what stands there until then. */
export function lazily<Props>(load: () => Promise<(props: Props) => ReactNode>) {
  return lazy(async () => ({ default: await load() }))
}
