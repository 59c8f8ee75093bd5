export function Logs() {
  return <div className="body" />
}
