import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react'
import { cancelled } from '../../parts/Picture'
import { placeholderOf } from '../../parts/placeholder'
import { useFinger } from './finger'
import { FIT, kept, largest, stepped, zoomed, type View } from './zoom'

const SMALL = 3_000_000

export interface StageHandle {
  zoom: (to: 'in' | 'out' | 'fit') => void
}

interface StageProps {
  ref: Ref<StageHandle>
  alt: string
  /** The picture itself; null if browsers cannot show it. */
  original: string | null
  thumbnail: string
  thumbhash: string | null
  ratio: number
  width: number | null
  bytes: number | null
  onSwipe: (to: 'next' | 'back' | 'close') => void
}

/** A picture: fits first; wheel, keys, fingers and a double press come closer. */
export function Stage({
  ref,
  alt,
  original,
  thumbnail,
  thumbhash,
  ratio,
  width,
  bytes,
  onSwipe,
}: StageProps) {
  const stage = useRef<HTMLDivElement>(null)
  const layer = useRef<HTMLDivElement>(null)
  const view = useRef<View>(FIT)
  const [ready, setReady] = useState(false)
  const [refused, setRefused] = useState(false)

  const sizes = () => {
    const { offsetWidth = 1, offsetHeight = 1 } = layer.current ?? {}
    const { clientWidth = 1, clientHeight = 1 } = stage.current ?? {}
    return {
      picture: { width: offsetWidth, height: offsetHeight },
      stage: { width: clientWidth, height: clientHeight },
      most: largest(width ?? 0, offsetWidth),
      actual: width === null ? 2 : width / offsetWidth,
    }
  }
  const show = (next: View, smooth = false) => {
    const { picture, stage: room } = sizes()
    view.current = kept(next, picture, room)
    const { scale, x, y } = view.current
    if (layer.current === null) return
    layer.current.style.transition = smooth ? '' : 'none'
    layer.current.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
    stage.current?.toggleAttribute('data-zoomed', scale > 1)
  }
  const at = (event: { clientX: number; clientY: number }) => {
    const { left = 0, top = 0, width: w = 0, height: h = 0 } = stage.current?.getBoundingClientRect() ?? {}
    return { x: event.clientX - left - w / 2, y: event.clientY - top - h / 2 }
  }
  useImperativeHandle(ref, () => ({
    zoom: (to) => show(to === 'fit' ? FIT : stepped(view.current, to === 'in' ? 1 : -1, sizes().most), true),
  }))
  const showing = useRef(show)
  useEffect(() => {
    showing.current = show
  })
  useEffect(() => {
    const element = stage.current
    // What listens passively to a wheel cannot keep it from scrolling the page.
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      showing.current(
        zoomed(view.current, view.current.scale * Math.exp(-event.deltaY / 400), sizes().most, at(event)),
      )
    }
    element?.addEventListener('wheel', wheel, { passive: false })
    return () => element?.removeEventListener('wheel', wheel)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- all that it reads lies in refs
  }, [])

  const finger = useFinger({ view, show, at, most: () => sizes().most, onSwipe })
  const direct = original !== null && !refused
  const style = {
    '--ratio': ratio,
    '--own': width === null ? '100cqw' : `${width}px`,
    backgroundImage: thumbhash && !ready ? placeholderOf(thumbhash) : undefined,
  } as React.CSSProperties
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys + and - do the same
    <div
      ref={stage}
      className="big"
      {...finger}
      onDoubleClick={(event) => {
        const { most, actual } = sizes()
        const closer = Math.abs(actual - 1) < 0.05 || actual < 1 ? 2 : actual
        show(view.current.scale > 1 ? FIT : zoomed(FIT, closer, most, at(event)), true)
      }}
    >
      <div ref={layer} className="layer" style={style}>
        {(!direct || (bytes ?? 0) > SMALL) && (
          <img
            ref={cancelled}
            src={thumbnail}
            alt={direct ? '' : alt}
            draggable={false}
            onLoad={() => setReady(true)}
          />
        )}
        {direct && (
          <img
            ref={cancelled}
            src={original}
            alt={alt}
            draggable={false}
            fetchPriority="high"
            decoding="async"
            onLoad={() => setReady(true)}
            onError={() => setRefused(true)}
          />
        )}
      </div>
    </div>
  )
}
