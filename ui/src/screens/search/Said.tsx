import { Plural, Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Copy, X } from 'lucide-react'
import { Problem } from '../../api/client'
import { Sentence } from '../../parts/Trouble'
import { say } from '../../shell/toasts'
import { formatBytes, formatNumber } from '../../words/format'
import { parse } from '../../words/query'
import { asFilter } from '../../words/queryEdits'
import { countQuery } from './data'
import { Saved } from './Saved'
import { TokenField } from './TokenField'

interface SaidProps {
  q: string
  /** What the text begins with: a condition that was chosen by its name. */
  begin: string
  onChange: (q: string, replace?: boolean) => void
}

/** What the search says, as tokens, and what it finds. */
export function Said({ q, begin, onChange }: SaidProps) {
  return (
    <>
      <TokenField
        key={begin}
        q={q}
        begin={begin}
        onChange={onChange}
        after={q !== '' && <Saved q={q} onOpen={onChange} />}
      />
      {q !== '' && <Found q={q} onChange={onChange} />}
    </>
  )
}

/** How many are found, and what can be done with the search itself. */
function Found({ q, onChange }: Pick<SaidProps, 'q' | 'onChange'>) {
  const found = useQuery(countQuery(q))
  if (found.error instanceof Problem && found.error.status === 422)
    return (
      <p className="error" role="alert">
        <Sentence error={found.error} />
      </p>
    )
  const { count = 0, bytes = 0, exact = true, hints = [] } = found.data ?? {}
  const many = formatNumber(count)
  const size = formatBytes(bytes)
  return (
    <div className="row found small">
      <span aria-live="polite" className="strong">
        {found.data &&
          (exact ? (
            <Plural value={count} one="# result" other="# results" />
          ) : (
            <Trans>More than {many} results</Trans>
          ))}
      </span>
      {found.data && count > 0 && exact && <span className="muted">{size}</span>}
      {!found.isPlaceholderData &&
        hints.map(({ said, meant, query }) => (
          <span key={query} className="muted" role="status">
            <Trans>“{said}:” is searched as text.</Trans>{' '}
            <button type="button" className="link" onClick={() => onChange(query)}>
              <Trans>Did you mean {meant}:?</Trans>
            </button>
          </span>
        ))}
      <span className="end" />
      {parse(q).some((part) => part.type !== 'broken') && (
        <button type="button" className="link row" onClick={() => void copyFilter(q)}>
          <Copy className="icon" aria-hidden />
          <span className="desk">
            <Trans>Copy as subscription filter</Trans>
          </span>
          <span className="phone">
            <Trans>Copy as filter</Trans>
          </span>
        </button>
      )}
      <button type="button" className="link row" onClick={() => onChange('')}>
        <X className="icon" aria-hidden />
        <Trans>Clear</Trans>
      </button>
    </div>
  )
}

async function copyFilter(q: string) {
  const { filter, left } = asFilter(q)
  const parts = left.join(' ')
  if (filter === '') {
    say(<Trans>A filter can only ask what a platform tells. This search asks nothing of that.</Trans>, {
      tone: 'trouble',
    })
    return
  }
  try {
    await navigator.clipboard.writeText(filter)
    say(
      left.length === 0 ? (
        <Trans>Filter copied.</Trans>
      ) : (
        <Trans>Filter copied, without {parts}: only the library knows that.</Trans>
      ),
    )
  } catch {
    say(<Trans>This browser did not allow to copy. The filter is: {filter}</Trans>, { tone: 'trouble' })
  }
}
