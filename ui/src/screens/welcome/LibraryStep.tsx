import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FolderOpen, RotateCw } from 'lucide-react'
import { Button } from '../../parts/Button'
import { Trouble } from '../../parts/Trouble'
import { formatBytes } from '../../words/format'
import { Frame } from '../sign-in/Frame'
import { Steps } from './Steps'
import { Ticks, trialQuery } from './trial'

/** Says where the library is, and tries whether it can be used. */
export function LibraryStep() {
  const trial = useQuery(trialQuery)
  const { data } = trial
  const well = data?.writable === true && data.free > data.reserve
  const reserve = formatBytes(data?.reserve ?? 0)
  return (
    <Frame
      steps={<Steps at={2} />}
      title={<Trans>Your library</Trans>}
      lead={<Trans>Every picture and video becomes a plain file in this folder. It is yours.</Trans>}
      foot={<Trans>The folder is chosen before the start, by GATHERUM_LIBRARY_DIR.</Trans>}
    >
      <div className="col">
        {trial.isError && <Trouble error={trial.error} onRetry={() => void trial.refetch()} />}
        <div className="folder">
          <FolderOpen className="icon" aria-hidden />
          {data === undefined ? (
            <span className="skeleton" aria-busy="true" />
          ) : (
            <span className="mono">{data.folder}</span>
          )}
        </div>
        <Ticks />
        {data !== undefined && !well && (
          <div className="note small" data-family="stuck" role="alert">
            {data.detail ?? (
              <Trans>
                {reserve} must stay free, so nothing would be fetched. Make room, or choose another folder.
              </Trans>
            )}
          </div>
        )}
        <div className="row wrap">
          {data !== undefined && !well && (
            <Button
              kind="primary"
              size="lg"
              icon={RotateCw}
              busy={trial.isFetching}
              onClick={() => void trial.refetch()}
            >
              <Trans>Try again</Trans>
            </Button>
          )}
          <Link
            className="btn"
            data-kind={well ? 'primary' : 'quiet'}
            data-size="lg"
            to="/welcome"
            search={{ step: 'link' }}
          >
            {data === undefined || well ? <Trans>Continue</Trans> : <Trans>Go on all the same</Trans>}
          </Link>
        </div>
      </div>
    </Frame>
  )
}
