export function Welcome() {
  return <div className="body" />
}
