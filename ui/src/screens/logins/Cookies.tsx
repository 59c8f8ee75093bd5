import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { CircleAlert, Cookie } from 'lucide-react'
import { useId, useRef, useState, type ReactNode } from 'react'
import { Button } from '../../parts/Button'
import { formatDay } from '../../words/format'
import { isPast, look, type Seen } from './cookies'

function bringsFiles(event: React.DragEvent) {
  return event.dataTransfer.types.includes('Files')
}

interface DropProps {
  onText: (text: string) => void
  children: ReactNode
}

/** A place where a file of cookies can be dropped or chosen. */
export function CookieDrop({ onText, children }: DropProps) {
  const file = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const { t } = useLingui()
  const read = async (chosen: File | undefined) => {
    if (chosen) onText(await chosen.text())
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the button inside does the same
    <div
      className="cookie-drop"
      data-over={over ? '' : undefined}
      onDragOver={(event) => {
        if (!bringsFiles(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        void read(event.dataTransfer.files[0])
      }}
    >
      <Cookie className="icon" aria-hidden />
      <span className="small soft">{children}</span>
      <Button size="sm" onClick={() => file.current?.click()}>
        <Trans>Choose a file</Trans>
      </Button>
      <input
        ref={file}
        type="file"
        hidden
        accept=".txt,.json,text/plain,application/json"
        aria-label={t`File of cookies`}
        onChange={(event) => {
          void read(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </div>
  )
}

interface CookieFieldProps {
  text: string
  error: string | undefined
  onText: (text: string) => void
}

/** Takes cookies by paste, file or drop; what was taken is told in words and not shown again. */
export function CookieField({ text, error, onText }: CookieFieldProps) {
  const { t } = useLingui()
  const id = useId()
  const seen = text === '' ? null : look(text)
  if (seen !== null)
    return (
      <div className="field">
        <span className="label">
          <Trans>Cookies</Trans>
        </span>
        <Taken seen={seen} onAgain={() => onText('')} />
        {error && <Wrong>{error}</Wrong>}
      </div>
    )
  return (
    <div className="field">
      <label htmlFor={id}>
        <Trans>Cookies</Trans>
      </label>
      <CookieDrop onText={onText}>
        <Trans>
          Drop a <span className="mono">cookies.txt</span> or a JSON export here
        </Trans>
      </CookieDrop>
      <div className="input cookie-paste" aria-invalid={text !== '' || undefined}>
        <textarea
          id={id}
          rows={4}
          className="mono small"
          value={text}
          spellCheck="false"
          autoComplete="off"
          placeholder={t`or paste what is in it`}
          aria-describedby={`${id}-more`}
          onChange={(event) => onText(event.target.value)}
        />
      </div>
      <div id={`${id}-more`}>
        {error || text !== '' ? (
          <Wrong>
            {error ?? (
              <Trans>This is neither a cookies.txt (seven columns, with tabs) nor a JSON export.</Trans>
            )}
          </Wrong>
        ) : (
          <span className="hint">
            <Trans>
              Sign in to the platform, then let an extension such as “Get cookies.txt” write them.
            </Trans>
          </span>
        )}
      </div>
    </div>
  )
}

function Wrong({ children }: { children: ReactNode }) {
  return (
    <div className="error" role="alert">
      <CircleAlert className="icon" aria-hidden />
      <span>{children}</span>
    </div>
  )
}

function Taken({ seen, onAgain }: { seen: Seen; onAgain: () => void }) {
  const [sites, more] = [seen.sites.slice(0, 3).join(', '), seen.sites.length - 3]
  const end = seen.ends === null ? null : formatDay(new Date(seen.ends).toISOString())
  const over = seen.ends !== null && isPast(seen.ends)
  return (
    <div className="note cookie-taken" data-family={over ? 'waiting' : undefined} role="status">
      <Cookie className="icon" aria-hidden />
      <div className="grow small">
        <div className="strong">
          <Plural value={seen.count} one="# cookie" other="# cookies" />
        </div>
        <div className="soft">
          <Trans>for {sites}</Trans>
          {more > 0 && (
            <>
              {' '}
              <Plural value={more} one="and # more site" other="and # more sites" />
            </>
          )}
        </div>
        <div className="soft">
          {end === null ? (
            <Trans>They do not say when they end.</Trans>
          ) : over ? (
            <Trans>The last has ended on {end} already. The platform wants fresh ones.</Trans>
          ) : (
            <Trans>The last ends on {end}.</Trans>
          )}
        </div>
      </div>
      <Button size="sm" kind="quiet" onClick={onAgain}>
        <Trans>Take others</Trans>
      </Button>
    </div>
  )
}
