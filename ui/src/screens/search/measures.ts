/** Sizes and lengths as the grammar writes them, and where they lie between the bars of a facet. */

const SIZES: Record<string, number> = { '': 1, b: 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** The number behind `20MB`, `1.5GiB`, `90s`, `1h30m`; null if it is none. */
export function numberOf(name: string, text: string): number | null {
  if (name === 'size') {
    const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(text)
    if (match === null) return null
    const unit = (match[2] ?? '').toLowerCase()
    const power = 'kmgt'.indexOf(unit) + 1
    return Number(match[1]) * (match[3] && unit ? 1024 ** power : (SIZES[unit] ?? 1))
  }
  if (/^\d+$/.test(text)) return Number(text)
  const match = /^(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$/i.exec(text)
  if (match === null || text === '') return null
  const [h, m, s] = [match[1], match[2], match[3]].map((part) => Number(part ?? 0))
  return (h ?? 0) * 3600 + (m ?? 0) * 60 + (s ?? 0)
}

/** A number in the grammar's shortest form: `300kB`, `1h30m`. */
export function textOf(name: string, value: number): string {
  if (name === 'size') {
    const units: [number, string][] = [
      [1e12, 'TB'],
      [1e9, 'GB'],
      [1e6, 'MB'],
      [1e3, 'kB'],
    ]
    const unit = units.find(([factor]) => value >= factor && value % factor === 0)
    return unit ? `${value / unit[0]}${unit[1]}` : `${value}`
  }
  const parts: [number, string][] = [
    [Math.floor(value / 3600), 'h'],
    [Math.floor(value / 60) % 60, 'm'],
    [value % 60, 's'],
  ]
  return parts.map(([number, unit]) => (number ? `${number}${unit}` : '')).join('') || '0s'
}

/** The bar in which a number lies. */
export function barOf(starts: readonly number[], value: number): number {
  return Math.max(
    0,
    starts.findLastIndex((start) => start <= value),
  )
}
