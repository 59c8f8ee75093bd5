import { expect, test } from 'vitest'
import { agentOf } from './agent'

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36',
    { browser: 'Chromium', system: 'Linux', mobile: false },
  ],
  [
    'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
    { browser: 'Firefox', system: 'Android', mobile: true },
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1',
    { browser: 'Safari', system: 'iPad', mobile: true },
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
    { browser: 'Edge', system: 'Windows', mobile: false },
  ],
  ['curl/8.14.1', { browser: 'curl', system: null, mobile: false }],
  ['', { browser: null, system: null, mobile: false }],
])('%s', (text, told) => {
  expect(agentOf(text)).toEqual(told)
})
