export function Home() {
  return <div className="body" />
}
