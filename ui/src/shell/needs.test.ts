import { expect, test } from 'vitest'
import { wrongOf } from './needs'

test('what is not well counts once, by its alarm where there is one', () => {
  const checks = [
    { name: 'disk', ok: false, detail: '1 GB is free.' },
    { name: 'queue', ok: false, detail: 'Nothing moves.' },
    { name: 'files', ok: true, detail: 'All are there.' },
  ]
  const alarms = [
    { name: 'disk', since: '2026-11-26T13:00:00Z', message: 'No room.' },
    { name: 'backup', since: '2026-11-26T13:00:00Z', message: 'It failed.' },
  ]

  expect(wrongOf({ alarms, checks })).toEqual([
    ...alarms,
    { name: 'queue', message: 'Nothing moves.', since: null },
  ])
})
