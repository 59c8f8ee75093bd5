export function Help() {
  return <div className="body" />
}
