/** All keys, by where they count. What the map shows and what may be heard is this one table. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

/** What a key does, and the ways to press it: names as `keyOf` gives them; `g h` is G and then H. */
const row = <const Way extends string>(what: MessageDescriptor, ...ways: Way[]) => ({ what, ways })

/* eslint-disable lingui/no-unlocalized-strings -- the names of keys */
export const KEYS = [
  {
    name: msg`Everywhere`,
    rows: [
      row(msg`To the bar: paste, search, run`, 'Ctrl+k', '/'),
      row(msg`Home`, 'g h'),
      row(msg`Library`, 'g l'),
      row(msg`Following`, 'g f'),
      row(msg`Queue`, 'g q'),
      row(msg`Settings`, 'g s'),
      row(msg`This map`, '?'),
      row(msg`Undo the last action`, 'z'),
      row(msg`Close what is open, drop the selection`, 'Escape'),
    ],
  },
  {
    name: msg`Gallery`,
    rows: [
      row(msg`Move`, 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'),
      row(msg`Newest, oldest`, 'Home', 'End'),
      row(msg`Jump to a date`, 'j'),
      row(msg`Smaller, larger pictures`, '-', '+'),
      row(msg`Select`, 'x'),
      row(msg`Select the day`, 'Shift+x'),
      row(msg`Select all`, 'Ctrl+a'),
      row(msg`Edit date`, 'e'),
    ],
  },
  {
    name: msg`Gallery and viewer`,
    rows: [
      row(msg`Tag`, 't'),
      row(msg`Favourite`, 'f'),
      row(msg`Download`, 'd'),
      row(msg`Move to the bin`, 'Delete'),
    ],
  },
  {
    name: msg`Viewer and posts`,
    rows: [
      row(msg`Before, next`, 'ArrowLeft', 'ArrowRight'),
      row(msg`Further away, closer`, '-', '+'),
      row(msg`All of the picture`, '0'),
      row(msg`Facts beside the picture`, 'i'),
    ],
  },
  {
    name: msg`Video`,
    rows: [
      row(msg`Play, pause`, ' ', 'k'),
      row(msg`Five seconds back, on`, 'Shift+ArrowLeft', 'Shift+ArrowRight'),
      row(msg`Ten seconds back, on`, 'j', 'l'),
      row(msg`One frame back, on`, ',', '.'),
      row(msg`Sound off, on`, 'm'),
    ],
  },
  {
    name: msg`Following`,
    rows: [row(msg`Follow somebody`, 'n')],
  },
] as const

/** What the thing itself hears that has the focus, and no other. */
export const OWN_KEYS = [
  {
    name: msg`A picture of the gallery`,
    rows: [row(msg`Open`, 'Enter'), row(msg`Select a range`, 'Shift+ArrowLeft', 'Shift+ArrowRight')],
  },
  {
    name: msg`The bar, with a link`,
    rows: [
      row(msg`Get now`, 'Enter'),
      row(msg`Get everything`, 'Shift+Enter'),
      row(msg`Follow`, 'Ctrl+Enter'),
      row(msg`With options`, 'Alt+Enter'),
    ],
  },
  {
    name: msg`Queue`,
    rows: [
      row(msg`Move a job, from its handle`, 'ArrowUp', 'ArrowDown'),
      row(msg`To the front, to the end`, 'Home', 'End'),
    ],
  },
] as const

type Group = (typeof KEYS)[number]
type Way<G extends Group> = G['rows'][number]['ways'][number]

/** A key that may be heard: one of the map, or `=`, which is + without Shift. */
export type KeyName = (Group extends infer G ? (G extends Group ? Way<G> : never) : never) | '='

const SHOWN: Record<string, string> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Delete: 'Del',
}
/* eslint-enable lingui/no-unlocalized-strings */

/** What stands on the keys of one way: pressed together, and those lists after each other. */
export function shownOf(way: string): string[][] {
  const sequence = /^g (.)$/.exec(way)
  if (sequence) return [['G'], [...shownOf(sequence[1] ?? '')].flat()]
  const names = way.match(/(?:Ctrl|Alt|Shift)(?=\+.)|(?<=^|\+)(?!(?:Ctrl|Alt|Shift)\+).+$/g) ?? []
  return [names.map((name) => SHOWN[name] ?? (name.length === 1 ? name.toUpperCase() : name))]
}
