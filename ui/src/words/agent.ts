/** Which browser on which system, as far as its name for itself tells. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrom(?:e|ium)\/|\bCriOS\//, 'Chromium'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/\biPad\b/, 'iPad'],
  [/\biPhone\b/, 'iPhone'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

export interface Agent {
  browser: string | null
  system: string | null
  mobile: boolean
}

export function agentOf(text: string): Agent {
  const first = (all: [RegExp, string][]) => all.find(([form]) => form.test(text))?.[1] ?? null
  const system = first(SYSTEMS)
  const browser = first(BROWSERS) ?? /^[\w.-]+/.exec(text)?.[0] ?? null
  return { browser, system, mobile: system === 'iPhone' || system === 'iPad' || system === 'Android' }
}
