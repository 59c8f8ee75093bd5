export function Health() {
  return <div className="body" />
}
