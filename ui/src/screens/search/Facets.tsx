/** At the side of a search: what its results are like, and how many of each. */
export function Facets({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  void onChange
  return <aside>{q}</aside>
}
