export function Posts() {
  return <div className="body" />
}
