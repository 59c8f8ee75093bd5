import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { write } from '../words/query'

const PIECE = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]|[#@][\p{L}\p{N}_.]*[\p{L}\p{N}_])/gu

/** What an author wrote: tags and names lead to what else has them, addresses lead out. */
export function Caption({ text }: { text: string }) {
  return (
    <p className="caption">
      {text.split(PIECE).map((piece, index) => (
        <Fragment key={index}>{index % 2 ? <Piece text={piece} /> : piece}</Fragment>
      ))}
    </p>
  )
}

function Piece({ text }: { text: string }) {
  if (text.startsWith('http'))
    return (
      <a className="link" href={text} target="_blank" rel="noreferrer noopener">
        {text.replace(/^https?:\/\//, '')}
      </a>
    )
  const q = text.startsWith('#') ? write('text', [text]) : write('author', [text.slice(1)])
  return (
    <Link className="link" to="/library" search={{ q }}>
      {text}
    </Link>
  )
}
