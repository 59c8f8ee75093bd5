/** Saving the files of a selection: few one by one, more as one ZIP that the server makes while it sends it. */
import { Plural, Trans } from '@lingui/react/macro'
import { addressOf, api, take, type Schemas } from '../api/client'
import { say } from '../shell/toasts'
import { doing, trouble } from '../shell/undo'
import { formatBytes } from '../words/format'
import type { Which } from './acts'

const ONE_BY_ONE = 20
const BETWEEN_MS = 300 // browsers take one at a time
/** The most media that a ZIP holds. */
export const MOST_PACKED = 20_000

export function download(which: Which): Promise<void> {
  if ('query' in which || which.ids.length > ONE_BY_ONE) return doing(downloadPacked(which))
  which.ids.forEach((id, at) => {
    setTimeout(() => save(addressOf(`/api/v1/files/${id}/original?download=true`)), at * BETWEEN_MS)
  })
  return Promise.resolve()
}

/** Says first how much it is. */
async function downloadPacked(which: Which): Promise<void> {
  try {
    const body = 'ids' in which ? { ids: which.ids.map(Number) } : which
    const archive = await take(api.POST('/api/v1/archives', { body }))
    say(<Packed archive={archive} />)
    save(archive.address)
  } catch (error) {
    trouble(error, () => void download(which))
  }
}

function Packed({ archive: { files, bytes, left_out } }: { archive: Schemas['Archive'] }) {
  const size = formatBytes(bytes)
  return (
    <>
      <Trans>
        Downloading <Plural value={files} one="# file" other="# files" /> as a ZIP, {size}.
      </Trans>
      {left_out > 0 && (
        <>
          {' '}
          <Plural
            value={left_out}
            one="# is left out: its file is missing or damaged, or it is in the recycle bin."
            other="# are left out: their files are missing or damaged, or they are in the recycle bin."
          />
        </>
      )}
    </>
  )
}

function save(address: string) {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
