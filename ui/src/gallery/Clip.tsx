import { memo, useEffect, useState, type RefObject } from 'react'
import { createPortal } from 'react-dom'
import { addressOf } from '../api/client'
import type { Desk } from './desk'

const REST_MS = 400
const still = matchMedia('(prefers-reduced-motion: reduce)')
/** Videos that have no clip, or none yet: they are not asked for again while the page stands. */
const without = new Set<string>()

interface Rested {
  tile: HTMLElement
  id: string
  src: string
}

/** Some silent seconds of the video that a mouse rests on. */
export const Clip = memo(function Clip({ box, desk }: { box: RefObject<HTMLElement | null>; desk: Desk }) {
  const [rested, setRested] = useState<Rested | null>(null)
  useEffect(() => (box.current ? listen(box.current, desk, setRested) : undefined), [box, desk])
  if (!rested?.tile.isConnected) return null
  const forget = () => {
    without.add(rested.id)
    setRested(null)
  }
  return createPortal(
    <video
      key={rested.src}
      ref={(video) => (video ? played(video, rested.src) : undefined)}
      className="clip"
      muted
      loop
      playsInline
      disablePictureInPicture
      aria-hidden
      onError={forget}
    />,
    rested.tile,
  )
})

/** Plays until it is taken away, and then loads nothing more. */
function played(video: HTMLVideoElement, src: string) {
  video.src = src
  video.play().catch(() => undefined)
  return () => {
    video.pause()
    video.removeAttribute('src')
    video.load()
  }
}

function listen(box: HTMLElement, desk: Desk, tell: (rested: Rested | null) => void) {
  const ended = new AbortController()
  const { signal } = ended
  let over: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const leave = () => {
    if (over === undefined) return
    over = undefined
    clearTimeout(timer)
    tell(null)
  }
  const enter = ({ target, pointerType, buttons }: PointerEvent) => {
    const tile = (target as Element).closest<HTMLElement>('.tile')
    const id = tile?.dataset.id
    if (id === over && buttons === 0) return
    leave()
    const { block, index = 0 } = desk.spotOf(tile) ?? {}
    const { kind, revision } = block?.tiles ?? {}
    if (pointerType !== 'mouse' || buttons !== 0 || still.matches) return
    if (!tile || id === undefined || kind?.[index] !== 'video' || without.has(id)) return
    const version = revision?.[index]
    const src = addressOf(`/api/v1/files/${id}/preview${version ? `?v=${version}` : ''}`)
    over = id
    timer = setTimeout(() => tell({ tile: tile.querySelector('a') ?? tile, id, src }), REST_MS)
  }
  box.addEventListener('pointerover', enter, { signal })
  box.addEventListener('pointerdown', leave, { signal })
  box.addEventListener('pointerleave', leave, { signal })
  box.addEventListener('scroll', leave, { signal, passive: true })
  return () => {
    leave()
    ended.abort()
  }
}
