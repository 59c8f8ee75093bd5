export function Library() {
  return <div className="body" />
}
