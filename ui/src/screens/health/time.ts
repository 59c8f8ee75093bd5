/** Times of lines: to the thousandth, since many come in one second. */
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export function formatLogTime(moment: string): string {
  return new Intl.DateTimeFormat(i18n.locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(new Date(moment))
}

/** How long after a beginning: `+0.4 s`, `+3 min`. */
export function formatSince(moment: string, begun: string): string {
  const s = Math.max(0, (Date.parse(moment) - Date.parse(begun)) / 1000)
  const unit = s < 90 ? 'second' : s < 5400 ? 'minute' : 'hour'
  const amount = new Intl.NumberFormat(i18n.locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: s < 10 ? 1 : 0,
  }).format(unit === 'second' ? s : unit === 'minute' ? s / 60 : s / 3600)
  return i18n._(msg`after ${amount}`)
}
