export function Transfer() {
  return <div className="body" />
}
