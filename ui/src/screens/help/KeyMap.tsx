import { Trans, useLingui } from '@lingui/react/macro'
import { Fragment, useState } from 'react'
import { Switch } from '../../parts/Check'
import { lettersAreOff } from '../../shell/keys'
import { KEYS, OWN_KEYS, shownOf } from '../../shell/keymap'
import './help.css'

/** All keys, and the switch for those of a single letter. */
export function KeyMap() {
  const { i18n } = useLingui()
  return (
    <>
      <div className="keymap">
        {[...KEYS, ...OWN_KEYS].map((group) => (
          <section key={group.name.id}>
            <h3>{i18n._(group.name)}</h3>
            <dl>
              {group.rows.map((row) => (
                <div key={row.what.id}>
                  <dt>{i18n._(row.what)}</dt>
                  <dd>
                    {row.ways.map((way) => (
                      <Way key={way} way={way} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Letters />
    </>
  )
}

/** One way to press a key. */
function Way({ way }: { way: string }) {
  return (
    <span className="way">
      {shownOf(way).map((keys, index) => (
        <Fragment key={index}>
          {index > 0 && (
            <span className="tiny muted">
              <Trans>then</Trans>
            </span>
          )}
          {keys.map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
        </Fragment>
      ))}
    </span>
  )
}

/** Single letters can be switched off, for whoever speaks to the computer or presses keys by chance. */
function Letters() {
  const { t } = useLingui()
  const [off, setOff] = useState(lettersAreOff)
  return (
    <div className="row letters">
      <div className="grow">
        <div className="strong">
          <Trans>Keys of a single letter</Trans>
        </div>
        <div className="small soft">
          <Trans>
            Off: only keys with Ctrl or Alt, arrows, Enter and Esc do something. Kept in this browser.
          </Trans>
        </div>
      </div>
      <Switch
        checked={!off}
        label={t`Keys of a single letter`}
        onChange={(on) => {
          if (on) localStorage.removeItem('letters')
          else localStorage.setItem('letters', 'off')
          setOff(!on)
        }}
      />
    </div>
  )
}
