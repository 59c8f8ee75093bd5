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
  return () => {
    if (!image.complete) image.removeAttribute('src')
  }
}

/** A picture in its frame: the blurred hash at once, the thumbnail when it is there. */
export function Picture({ src, alt, thumbhash, children, style, ...rest }: PictureProps) {
  const [failed, setFailed] = useState(false)
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
          onError={() => setFailed(true)}
        />
      )}
      {(src === null || failed) && alt !== '' && <span className="vh">{alt}</span>}
      {children}
    </span>
  )
}
