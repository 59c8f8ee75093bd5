export function Factor() {
  return <div className="body" />
}
