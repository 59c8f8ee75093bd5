import { lazy, useState, type ComponentType, type ReactNode } from 'react'

/**
 * A part whose code is loaded when it is first shown, or before that by `ready`. Whoever shows it says what stands
 * there until then.
 */
export function lazily<Props extends object>(load: () => Promise<(props: Props) => ReactNode>) {
  let loaded: ComponentType<Props> | undefined
  const ready = async () => {
    loaded ??= await load()
    return { default: loaded }
  }
  const Later = lazy(ready)
  function Part(props: Props) {
    const [Now] = useState(() => loaded ?? Later)
    return <Now {...props} />
  }
  return Object.assign(Part, { ready })
}
