export function Queue() {
  return <div className="body" />
}
