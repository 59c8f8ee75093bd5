export function Invitation() {
  return <div className="body" />
}
