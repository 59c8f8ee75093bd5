/** Whether a search can surely be read, so that nothing need wait for the server to say so. */
import { COMPARED, leaves, parse, type Condition } from '../../words/query'
import { REASONS } from '../../words/reasons'
import { CLOSED } from './words'

const BEGINS = /^(\d|\.\.\d)/
const NUMBER = /^[1-9]\d*$/

/** False where the server may find a mistake: then it is asked once, and tells. */
export function isReadable(q: string): boolean {
  const parts = parse(q)
  const said = parts.flatMap(leaves).filter((leaf) => leaf.type === 'condition')
  return (
    parts.every((part) => part.type !== 'broken') &&
    said.filter(({ name }) => name === 'state').length < 2 &&
    said.every(isMeant)
  )
}

function isMeant({ name, values }: Condition): boolean {
  if (COMPARED.includes(name)) return values.every((value) => BEGINS.test(value))
  if (name === 'source') return values.every((value) => NUMBER.test(value))
  const closed = name === 'reason' ? Object.keys(REASONS) : CLOSED[name]
  return closed === undefined || values.every((value) => closed.includes(value.toLowerCase()))
}
