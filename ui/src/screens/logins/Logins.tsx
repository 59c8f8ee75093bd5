export function Logins() {
  return <div className="body" />
}
