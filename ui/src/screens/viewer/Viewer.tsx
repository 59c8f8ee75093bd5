export function Viewer() {
  return <div className="body" />
}
