/** What changed between two captions, word by word. */
export interface Piece {
  change: 'same' | 'gone' | 'new'
  text: string
}

const MOST_WORDS = 600

/** The words of both in one line: what is gone before what is new. */
export function compared(before: string, after: string): Piece[] {
  const [a, b] = [split(before), split(after)]
  if (a.length > MOST_WORDS || b.length > MOST_WORDS)
    return [
      { change: 'gone', text: before },
      { change: 'new', text: after },
    ]
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const pieces: Piece[] = []
  const add = (change: Piece['change'], text: string) => {
    const last = pieces.at(-1)
    if (last?.change === change) last.text += text
    else pieces.push({ change, text })
  }
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [left = '', right = ''] = [a[i], b[j]]
    if (i < a.length && j < b.length && left === right) {
      add('same', left)
      i++
      j++
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      add('gone', left)
      i++
    } else {
      add('new', right)
      j++
    }
  }
  return pieces
}

const split = (text: string) => text.match(/\s+|[^\s]+/g) ?? []
