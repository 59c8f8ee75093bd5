import { useNavigate } from '@tanstack/react-router'
import { useLingui } from '@lingui/react/macro'
import { useMay } from '../api/me'
import { bring, isTaken } from './brought'
import { say } from './toasts'

const MOST_BYTES = 1 << 20

/** What becomes of a file that is dropped on the window: cookies go to the page of logins. */
export function useCookieFile(): ((file: File) => void) | undefined {
  const { t } = useLingui()
  const navigate = useNavigate()
  const mayWrite = useMay('logins:write')
  const take = async (file: File) => {
    const { look } = await import('../screens/logins/cookies')
    const text = file.size > MOST_BYTES ? '' : await file.text()
    if (look(text) === null)
      say(t`This file holds no cookies. What is to be imported is dropped under Import and export.`, {
        tone: 'trouble',
      })
    else if (isTaken()) bring(text)
    else if (document.querySelector('dialog[open]') !== null)
      say(t`Close what is open first, then drop the cookies.`, { tone: 'trouble' })
    else {
      bring(text)
      await navigate({ to: '/settings/logins' })
    }
  }
  return mayWrite ? (file) => void take(file) : undefined
}
