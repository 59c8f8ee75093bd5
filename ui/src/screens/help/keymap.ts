/** The keys, by where they count. */
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export interface KeyRow {
  what: MessageDescriptor
  /** Each is one way to press it; keys within one are pressed together, or after each other for `then`. */
  keys: string[]
  then?: boolean
}

export interface KeyGroup {
  name: MessageDescriptor
  rows: KeyRow[]
}

/* eslint-disable lingui/no-unlocalized-strings -- the names of keys */
export const KEYS: KeyGroup[] = [
  {
    name: msg`Everywhere`,
    rows: [
      { what: msg`Paste, search, run`, keys: ['Ctrl', 'K'] },
      { what: msg`Search`, keys: ['/'] },
      { what: msg`Home, Library, Following`, keys: ['G', 'H L F'], then: true },
      { what: msg`Queue, Settings`, keys: ['G', 'Q S'], then: true },
      { what: msg`This map`, keys: ['?'] },
      { what: msg`Undo the last action`, keys: ['Z'] },
      { what: msg`Close what is open`, keys: ['Esc'] },
    ],
  },
  {
    name: msg`Gallery`,
    rows: [
      { what: msg`Move`, keys: ['←', '→', '↑', '↓'] },
      { what: msg`Select`, keys: ['X'] },
      { what: msg`Select a range`, keys: ['Shift', 'X'] },
      { what: msg`Open`, keys: ['Enter'] },
      { what: msg`Jump to a date`, keys: ['J'] },
      { what: msg`Newest, oldest`, keys: ['Home', 'End'] },
    ],
  },
  {
    name: msg`The bar, with a link`,
    rows: [
      { what: msg`Get now`, keys: ['Enter'] },
      { what: msg`Get everything`, keys: ['Shift', 'Enter'] },
      { what: msg`Follow`, keys: ['Ctrl', 'Enter'] },
      { what: msg`With options`, keys: ['Alt', 'Enter'] },
    ],
  },
  {
    name: msg`Selection and viewer`,
    rows: [
      { what: msg`Tag`, keys: ['T'] },
      { what: msg`Favourite`, keys: ['F'] },
      { what: msg`Edit date`, keys: ['E'] },
      { what: msg`Download`, keys: ['D'] },
      { what: msg`Move to the bin`, keys: ['Del'] },
      { what: msg`Facts beside the picture`, keys: ['I'] },
    ],
  },
  {
    name: msg`Video`,
    rows: [
      { what: msg`Play, pause`, keys: ['Space'] },
      { what: msg`Five seconds back, on`, keys: ['←', '→'] },
      { what: msg`Ten seconds back, on`, keys: ['J', 'L'] },
    ],
  },
  {
    name: msg`Queue`,
    rows: [
      { what: msg`Move a job, from its handle`, keys: ['↑', '↓'] },
      { what: msg`To the front, to the end`, keys: ['Home', 'End'] },
    ],
  },
]
