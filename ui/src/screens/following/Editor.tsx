export function Editor() {
  return <div className="body" />
}
