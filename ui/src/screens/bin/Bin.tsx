export function Bin() {
  return <div className="body" />
}
