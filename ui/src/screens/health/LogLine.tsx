import { Link } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import { memo } from 'react'
import { formatLogTime } from './time'
import type { Line } from './tail'
import { LEVELS } from './words'

/** One line: when, how grave, what, and its facts; a trace of an error is folded. */
export const LogLine = memo(function LogLine({ line }: { line: Line }) {
  const { i18n } = useLingui()
  const { exception, ...fields } = line.fields
  const level = LEVELS[line.level]
  return (
    <li className="log-line" data-level={line.level}>
      <time className="log-time" dateTime={line.time}>
        {formatLogTime(line.time)}
      </time>
      <span className="log-level">{level ? i18n._(level) : line.level}</span>
      <div className="log-what">
        <span className="log-event">{line.event}</span>
        {Object.entries(fields).map(([name, value]) => (
          <span key={name} className="log-field">
            <span className="log-name">{name}</span>
            {String(value)}
          </span>
        ))}
        {line.job !== null && (
          <Link className="link log-field" to="/settings/logs" search={{ job: line.job }}>
            <Trans>whole job</Trans>
          </Link>
        )}
        {line.request !== null && (
          <Link className="log-field log-name" to="/settings/logs" search={{ request: line.request }}>
            {line.request}
          </Link>
        )}
        {typeof exception === 'string' && (
          <details>
            <summary>
              <Trans>Trace</Trans>
            </summary>
            <pre>{exception}</pre>
          </details>
        )}
      </div>
    </li>
  )
})
