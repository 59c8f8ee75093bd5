import { useNavigate } from '@tanstack/react-router'
import { Trans, useLingui } from '@lingui/react/macro'
import {
  Ellipsis,
  ExternalLink,
  Images,
  Pause,
  Pencil,
  Play,
  RotateCw,
  SquareCheck,
  UserRoundMinus,
} from 'lucide-react'
import { nameOf } from '../../words/jobs'
import { useMay } from '../../api/me'
import { Button } from '../../parts/Button'
import { Menu, type Choice } from '../../parts/Menu'
import { checkNow, pause, resume, unfollow } from './acts'
import type { Subscription } from './schedule'

const NEW_WINDOW = 'noopener,noreferrer'

/** The menu of one subscription. */
export function Actions({ one, onSelect }: { one: Subscription; onSelect?: () => void }) {
  const { t } = useLingui()
  const may = useMay('following:write')
  const navigate = useNavigate({ from: '/following' })
  const { id } = one
  const title = nameOf(one)
  const changes: (Choice | null)[] = [
    {
      key: 'check',
      label: <Trans>Check now</Trans>,
      icon: RotateCw,
      onSelect: () => void checkNow([id], title),
    },
    one.paused
      ? { key: 'resume', label: <Trans>Go on</Trans>, icon: Play, onSelect: () => void resume([id], title) }
      : { key: 'pause', label: <Trans>Pause</Trans>, icon: Pause, onSelect: () => void pause([id], title) },
    {
      key: 'edit',
      label: <Trans>When & what</Trans>,
      icon: Pencil,
      onSelect: () =>
        void navigate({
          to: '/following/$subscription',
          params: { subscription: String(id) },
          search: (now) => ({ ...now, tab: 'when' }),
        }),
    },
    ...(onSelect
      ? [{ key: 'select', label: <Trans>Select</Trans>, icon: SquareCheck, onSelect: onSelect }]
      : []),
    null,
  ]
  const end: (Choice | null)[] = [
    null,
    {
      key: 'unfollow',
      label: <Trans>Unfollow</Trans>,
      icon: UserRoundMinus,
      danger: true,
      onSelect: () => void unfollow([id], title),
    },
  ]
  return (
    <Menu
      label={t`What to do with ${title}`}
      trigger={(anchor) => (
        <Button {...anchor} kind="quiet" size="sm" icon={Ellipsis} aria-label={t`What to do with ${title}`} />
      )}
      choices={[
        ...(may ? changes : []),
        {
          key: 'library',
          label: <Trans>Show in library</Trans>,
          icon: Images,
          onSelect: () => void navigate({ to: '/library', search: { q: `source:${id}` } }),
        },
        {
          key: 'source',
          label: <Trans>Open at its source</Trans>,
          icon: ExternalLink,
          onSelect: () => void window.open(one.url, '_blank', NEW_WINDOW),
        },
        ...(may ? end : []),
      ]}
    />
  )
}
