import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Maximize, Pause, PictureInPicture2, Play, RotateCcw, Volume2, VolumeX } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Schemas } from '../../api/client'
import { Button } from '../../parts/Button'
import { useKeys } from '../../shell/keys'
import { formatDuration } from '../../words/format'
import { originalOf, thumbnailOf, type Media } from './media'
import { keepLoudness, keepPlace, loudness, placeIn } from './places'

const RATES = [0.5, 1, 1.25, 1.5, 2]
const FRAMES_S = 30
const KEPT_EVERY_S = 5

interface PlayerProps {
  media: Media
  alt: string
  onBroken: () => void
}

/** A video with our own controls: it goes on where it was left, as loud as the last one. */
export function Player({ media, alt, onBroken }: PlayerProps) {
  const { t } = useLingui()
  const video = useRef<HTMLVideoElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const saved = useRef(0)
  const [playing, setPlaying] = useState(false)
  const [at, setAt] = useState(0)
  const [loaded, setLoaded] = useState(0)
  const [length, setLength] = useState(media.duration ?? 0)
  const [sound, setSound] = useState(loudness)
  const [rate, setRate] = useState(1)

  const seek = (to: number) => {
    const element = video.current
    if (element) element.currentTime = Math.min(Math.max(0, to), element.duration || 0)
  }
  const toggle = () => {
    const element = video.current
    if (element?.paused) element.play().catch(() => setPlaying(false))
    else element?.pause()
  }
  const step = (seconds: number) => seek((video.current?.currentTime ?? 0) + seconds)
  const single = (direction: 1 | -1) => {
    video.current?.pause()
    step(direction / (media.facts?.frame_rate ?? FRAMES_S))
  }
  const louder = (volume: number, muted: boolean) => {
    setSound({ volume, muted })
    keepLoudness(volume, muted)
  }
  const full = () => {
    if (document.fullscreenElement) void document.exitFullscreen()
    else void frame.current?.requestFullscreen()
  }
  useKeys(
    useMemo(
      () => ({
        ' ': toggle,
        k: toggle,
        j: () => step(-10),
        l: () => step(10),
        'Shift+ArrowLeft': () => step(-5),
        'Shift+ArrowRight': () => step(5),
        ',': () => single(-1),
        '.': () => single(1),
        m: () => louder(sound.volume, !sound.muted),
      }),
      // eslint-disable-next-line react-hooks/exhaustive-deps -- the rest lies in refs
      [sound],
    ),
  )
  useEffect(() => {
    const element = video.current
    if (element === null) return
    element.volume = sound.volume
    element.muted = sound.muted
  }, [sound])
  useEffect(() => {
    if (video.current) video.current.playbackRate = rate
  }, [rate])
  useEffect(() => {
    const element = video.current
    const { id } = media
    return () => {
      if (element && element.duration > 0) keepPlace(id, element.currentTime, element.duration)
    }
  }, [media])

  const ratio = media.width && media.height ? media.width / media.height : 16 / 9
  return (
    <div ref={frame} className="vid" data-playing={playing ? '' : undefined} style={{ '--ratio': ratio }}>
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- what was fetched has no captions of its own; space and K are the keys */}
      <video
        ref={video}
        src={originalOf(media.id, media.revision)}
        poster={media.thumbnail === null ? undefined : thumbnailOf(media.id, media.revision, 1280)}
        aria-label={alt}
        playsInline
        autoPlay
        preload="metadata"
        onClick={toggle}
        onDoubleClick={full}
        onError={onBroken}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onLoadedMetadata={({ currentTarget }) => {
          if (Number.isFinite(currentTarget.duration)) setLength(currentTarget.duration)
          currentTarget.currentTime = placeIn(media.id)
        }}
        onProgress={({ currentTarget: { buffered } }) =>
          setLoaded(buffered.length ? buffered.end(buffered.length - 1) : 0)
        }
        onTimeUpdate={({ currentTarget: { currentTime, duration } }) => {
          setAt(currentTime)
          if (Math.abs(currentTime - saved.current) < KEPT_EVERY_S) return
          saved.current = currentTime
          keepPlace(media.id, currentTime, duration)
        }}
      />
      <div className="ctl">
        <Track media={media} at={at} loaded={loaded} length={length} onSeek={seek} />
        <div className="row">
          <Button icon={playing ? Pause : Play} aria-label={playing ? t`Pause` : t`Play`} onClick={toggle} />
          <Button icon={RotateCcw} aria-label={t`Back 10 seconds`} onClick={() => step(-10)} />
          <span className="small clock">
            {formatDuration(at)} <span>/ {formatDuration(length)}</span>
          </span>
          <span className="end" />
          <Button
            size="sm"
            aria-label={t`Speed ${rate}×`}
            onClick={() => setRate(RATES[(RATES.indexOf(rate) + 1) % RATES.length] ?? 1)}
          >
            {rate}×
          </Button>
          <input
            className="volume desk"
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={sound.muted ? 0 : sound.volume}
            aria-label={t`Volume`}
            onChange={(event) => louder(Number(event.target.value), Number(event.target.value) === 0)}
          />
          <Button
            icon={sound.muted ? VolumeX : Volume2}
            aria-label={sound.muted ? t`Sound on` : t`Sound off`}
            onClick={() => louder(sound.volume || 1, !sound.muted)}
          />
          {document.pictureInPictureEnabled && (
            <Button
              icon={PictureInPicture2}
              aria-label={t`Picture in picture`}
              onClick={() => void video.current?.requestPictureInPicture().catch(() => undefined)}
            />
          )}
          <Button icon={Maximize} aria-label={t`Whole screen`} onClick={full} />
        </div>
        <p className="vh">
          <Trans>Space and K play and pause, J and L go 10 seconds, comma and full stop single frames.</Trans>
        </p>
      </div>
    </div>
  )
}

interface TrackProps {
  media: Media
  at: number
  loaded: number
  length: number
  onSeek: (to: number) => void
}

/** Where it is, and what lies under the pointer. */
function Track({ media, at, loaded, length, onSeek }: TrackProps) {
  const { t } = useLingui()
  const [pointed, setPointed] = useState<number | null>(null)
  const { scrub, scrub_map: map } = media
  const sheet = useQuery({
    queryKey: ['scrub', media.id],
    queryFn: async ({ signal }) => {
      const answer = map === null ? null : await fetch(map, { signal })
      return answer?.ok ? ((await answer.json()) as Schemas['ScrubMap']) : null
    },
    enabled: Boolean(map),
    staleTime: Infinity,
    retry: false,
  })
  const part = (seconds: number) => `${length > 0 ? Math.min(100, (seconds / length) * 100) : 0}%`
  return (
    <div
      className="track"
      onPointerMove={(event) => {
        const { left, width } = event.currentTarget.getBoundingClientRect()
        setPointed(Math.min(1, Math.max(0, (event.clientX - left) / width)) * length)
      }}
      onPointerLeave={() => setPointed(null)}
    >
      <b style={{ width: part(loaded) }} />
      <i style={{ width: part(at) }} />
      <u style={{ left: part(at) }} />
      {pointed !== null && length > 0 && (
        <span
          className="peek"
          style={{ left: `clamp(84px, ${part(pointed)}, calc(100% - 84px))` }}
          data-bare={sheet.data && scrub ? undefined : ''}
        >
          {sheet.data && scrub && <Frame map={sheet.data} sheet={scrub} at={pointed} />}
          <em>{formatDuration(pointed)}</em>
        </span>
      )}
      <input
        type="range"
        min={0}
        max={length || 1}
        step={5}
        value={at}
        aria-label={t`Place in the video`}
        aria-valuetext={formatDuration(at)}
        onPointerDown={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect()
          event.preventDefault()
          event.currentTarget.setPointerCapture(event.pointerId)
          onSeek(((event.clientX - left) / width) * length)
        }}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
          const { left, width } = event.currentTarget.getBoundingClientRect()
          onSeek(((event.clientX - left) / width) * length)
        }}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
    </div>
  )
}

const PEEK = 168

/** One frame of a scrub sheet. */
function Frame({ map, sheet, at }: { map: Schemas['ScrubMap']; sheet: string; at: number }) {
  const number = Math.min(map.count - 1, Math.floor(at / map.interval))
  const scale = PEEK / map.width
  const rows = Math.ceil(map.count / map.columns)
  return (
    <span
      className="frame"
      style={{
        width: PEEK,
        height: map.height * scale,
        backgroundImage: `url("${sheet}")`,
        backgroundSize: `${map.columns * map.width * scale}px ${rows * map.height * scale}px`,
        backgroundPosition: `${-(number % map.columns) * map.width * scale}px ${-Math.floor(number / map.columns) * map.height * scale}px`,
      }}
    />
  )
}
