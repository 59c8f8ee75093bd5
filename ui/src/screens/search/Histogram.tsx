import { useLingui } from '@lingui/react/macro'
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import type { Schemas } from '../../api/client'
import { formatBytes, formatDuration, formatNumber } from '../../words/format'
import { rangeIn, withRange } from '../../words/queryEdits'
import { barOf, numberOf, textOf } from './measures'
import { labelOf } from './words'

const REST_MS = 350

interface HistogramProps {
  name: 'size' | 'duration'
  q: string
  bars: readonly Schemas['Bar'][]
  onChange: (q: string) => void
}

/** How many there are of each size, and two handles that say from where to where one wants them. */
export function Histogram({ name, q, bars, onChange }: HistogramProps) {
  const { t } = useLingui()
  const starts = bars.map((bar) => bar.start)
  const told = rangeIn(q, name)
  const [from, to] = [numberOf(name, told.from), numberOf(name, told.to)]
  const wanted = {
    low: from === null ? 0 : barOf(starts, from),
    high: to === null ? bars.length : Math.max(1, barOf(starts, to)),
  }
  const [drag, setDrag] = useState<typeof wanted | null>(null)
  const { low, high } = drag ?? wanted
  const handles = useRef<HTMLDivElement>(null)
  const tallest = Math.max(1, ...bars.map((bar) => bar.count))
  const moved = useRef<typeof wanted>(null)
  // It is told with the search as it stands then, which may be another than when the handle was taken.
  const tell = useEffectEvent(() => {
    if (moved.current === null) return
    const { low: first, high: last } = moved.current
    moved.current = null
    const edge = (index: number, open: number) => (index === open ? '' : textOf(name, starts[index] ?? 0))
    onChange(withRange(q, name, { from: edge(first, 0), to: edge(last, bars.length) }))
    setDrag(null)
  })
  // Before the first painting: a handle may be moved as soon as it is seen.
  useLayoutEffect(() => {
    const { current } = handles
    const letGo = () => tell() // or moved by a key
    current?.addEventListener('change', letGo)
    return () => current?.removeEventListener('change', letGo)
  }, [])
  useEffect(() => {
    if (drag === null) return undefined
    const timer = setTimeout(() => tell(), REST_MS)
    return () => clearTimeout(timer)
  }, [drag])
  const move = (next: typeof wanted) => {
    moved.current = next
    setDrag(next)
  }
  const words = (index: number) =>
    name === 'size' ? formatBytes(starts[index] ?? 0) : formatDuration(starts[index] ?? 0)
  const lowWords = low === 0 ? t`any` : words(low)
  const highWords = high === bars.length ? t`any` : words(high)
  const label = labelOf(name)
  const part = (index: number) => `${(index / bars.length) * 100}%`
  return (
    <div className="histogram">
      <div className="hist" aria-hidden>
        {bars.map((bar, index) => (
          <i
            key={bar.start}
            data-in={index >= low && index < high ? '' : undefined}
            style={{ height: bar.count ? `${Math.max(6, (bar.count / tallest) * 100)}%` : '2px' }}
            title={`${words(index)}: ${formatNumber(bar.count)}`}
          />
        ))}
      </div>
      <div className="range" ref={handles}>
        <b style={{ left: part(low), right: `calc(100% - ${part(high)})` }} />
        <input
          type="range"
          min={0}
          max={bars.length}
          value={low}
          aria-label={t`Smallest ${label}`}
          aria-valuetext={lowWords}
          onChange={(event) => move({ low: Math.min(Number(event.target.value), high - 1), high })}
        />
        <input
          type="range"
          min={0}
          max={bars.length}
          value={high}
          aria-label={t`Largest ${label}`}
          aria-valuetext={highWords}
          onChange={(event) => move({ low, high: Math.max(Number(event.target.value), low + 1) })}
        />
      </div>
      <div className="row small">
        <span className="strong">{low === 0 ? t`from the smallest` : lowWords}</span>
        <span className="end muted">{high === bars.length ? t`to the largest` : highWords}</span>
      </div>
    </div>
  )
}
