import { Trans, useLingui } from '@lingui/react/macro'
import { ROLES, type Role } from '../../words/scopes'

const ALL: Role[] = ['viewer', 'editor', 'admin']

/** What an account is for: each role may do all that the one before may. */
export function RoleChoice({
  role,
  disabled = false,
  onChoose,
}: {
  role: Role
  disabled?: boolean
  onChoose: (role: Role) => void
}) {
  const { i18n } = useLingui()
  return (
    <fieldset className="col" disabled={disabled}>
      <legend className="label">
        <Trans>Role</Trans>
      </legend>
      {ALL.map((each) => (
        <label className="tickrow" key={each}>
          <input type="radio" name="role" checked={role === each} onChange={() => onChoose(each)} />
          <span className="strong">{i18n._(ROLES[each].name)}</span>
          <span className="small soft">{i18n._(ROLES[each].about)}</span>
        </label>
      ))}
    </fieldset>
  )
}
