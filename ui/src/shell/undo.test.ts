import { i18n } from '@lingui/core'
import { beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '../api/client'
import { begin, done, giveBack, undoLast } from './undo'

i18n.loadAndActivate({ locale: 'en', messages: {} })

/** A thing with a version, as the server keeps it. */
class Thing {
  value = 'a'
  version = 1

  set(value: string, version: number) {
    if (version !== this.version) throw new Problem(412, '', 'This has been changed meanwhile.', '')
    this.value = value
    this.version += 1
  }

  change(value: string) {
    const before = this.value
    this.set(value, this.version)
    done('changed', () =>
      giveBack({
        look: () => Promise.resolve({ value: this.value, etag: String(this.version) }),
        isOurs: (now) => now === value,
        back: (etag) => {
          this.set(before, Number(etag))
          return Promise.resolve()
        },
      }),
    )
  }
}

beforeEach(async () => {
  for (let left = 0; left < 60; left += 1) await undoLast()
})

test('two changes of one thing are taken back by two presses, one after the other or at once', async () => {
  const thing = new Thing()
  thing.change('b')
  thing.change('c')
  await Promise.all([undoLast(), undoLast()])
  expect(thing.value).toBe('a')
})

test('what somebody else has changed since stays, and does not stand in the way of what is below', async () => {
  const thing = new Thing()
  const other = new Thing()
  other.change('x')
  thing.change('b')
  thing.set('theirs', 2)
  await undoLast()
  expect(thing.value).toBe('theirs')
  await undoLast()
  expect(other.value).toBe('a')
})

test('what could not be taken back just now can be tried again', async () => {
  const undo = vi.fn(() => Promise.reject(new Problem(0, '', '', '')))
  done('done', undo)
  await undoLast()
  undo.mockResolvedValueOnce(undefined as never)
  await undoLast()
  expect(undo).toHaveBeenCalledTimes(2)
  await undoLast()
  expect(undo).toHaveBeenCalledTimes(2)
})

test('what began last is taken back first, whichever answer came first', async () => {
  const taken: string[] = []
  const [first, second] = [begin(), begin()]
  const back = (name: string) => () => Promise.resolve(taken.push(name))
  done('second', back('second'), second)
  done('first', back('first'), first)
  await undoLast()
  await undoLast()
  expect(taken).toEqual(['second', 'first'])
})
