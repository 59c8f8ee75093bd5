/**
 * The path under which the application stands, with a slash at its end: `/`, or `/gatherum/` behind
 * a proxy. This module's own address tells it: the built scripts lie in `assets/` below it.
 */
export const BASE = new URL(/* @vite-ignore */ '..', import.meta.url).pathname
