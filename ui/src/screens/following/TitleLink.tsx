import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Selection } from './selection'

interface TitleLinkProps {
  id: number
  selection: Selection
  children: React.ReactNode
}

/** Opens a subscription over its list; X selects it, with Shift as far as to the one selected last. */
export function TitleLink({ id, selection, children }: TitleLinkProps) {
  const may = useMay('following:write')
  return (
    <Link
      className="strong cut over"
      from="/following"
      to="/following/$subscription"
      params={{ subscription: String(id) }}
      search={(now) => now}
      data-item={id}
      onKeyDown={(event) => {
        if (may && event.key.toLowerCase() === 'x' && !event.ctrlKey && !event.metaKey)
          selection.toggle(id, event.shiftKey)
      }}
    >
      {children}
    </Link>
  )
}
