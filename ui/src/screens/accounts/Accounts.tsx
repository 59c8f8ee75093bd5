export function Accounts() {
  return <div className="body" />
}
