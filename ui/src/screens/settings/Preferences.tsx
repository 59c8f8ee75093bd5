export function Preferences() {
  return <div className="body" />
}
