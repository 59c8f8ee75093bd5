import { useState } from 'react'
import { placeholderOf } from './placeholder'

interface PictureProps {
  /** The address of the thumbnail; null while there is none. */
  src: string | null
  alt: string
  thumbhash?: string | null
  /** What stands over the picture: tags, a tick. */
  children?: React.ReactNode
  style?: React.CSSProperties
  'data-new'?: string
  'data-held'?: string | undefined
}

/** A removed picture would go on loading and hold one of the few connections of the browser. */
export function cancelled(image: HTMLImageElement) {
  const src = image.getAttribute('src') ?? image.dataset.src
  // What is taken away and comes back, as in a rehearsal of effects, goes on where it was.
  if (src !== undefined && !image.hasAttribute('src')) image.setAttribute('src', src)
  return () => {
    const last = image.getAttribute('src')
    if (last !== null) image.dataset.src = last
    if (!image.complete) image.removeAttribute('src')
  }
}

/** A picture in its frame: the blurred hash at once, the thumbnail when it is there. */
export function Picture({ src, alt, thumbhash, children, style, ...rest }: PictureProps) {
  const [broken, setBroken] = useState<string | null>(null)
  const failed = broken !== null && broken === src
  const back = thumbhash ? { backgroundImage: placeholderOf(thumbhash) } : undefined
  return (
    <span className="photo" style={{ ...back, ...style }} {...rest}>
      {src !== null && !failed && (
        <img
          ref={cancelled}
          src={src}
          alt={alt}
          decoding="async"
          draggable={false}
          onError={() => setBroken(src)}
        />
      )}
      {(src === null || failed) && alt !== '' && <span className="vh">{alt}</span>}
      {children}
    </span>
  )
}
