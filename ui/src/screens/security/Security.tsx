export function Security() {
  return <div className="body" />
}
