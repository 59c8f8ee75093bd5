export function Duo() {
  return <div className="body" />
}
