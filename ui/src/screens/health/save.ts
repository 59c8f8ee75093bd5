/** Files that are made in the browser. */

/** Gives the person a file: `gatherum-<what>-<day>.<form>`. */
export function saveFile(what: string, form: 'json' | 'jsonl' | 'csv', parts: BlobPart[]) {
  const day = new Date().toISOString().slice(0, 10)
  const address = URL.createObjectURL(new Blob(parts))
  const link = document.createElement('a')
  link.href = address
  link.download = [['gatherum', what, day].join('-'), form].join('.')
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
