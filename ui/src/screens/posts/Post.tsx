export function Post() {
  return <div className="body" />
}
