import { defineConfig } from '@lingui/cli'

/** `lingui extract` writes what there is to translate. English stands in the sources themselves. */
export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'pseudo'],
  pseudoLocale: 'pseudo',
  catalogs: [{ path: '<rootDir>/locales/{locale}', include: ['<rootDir>/src'] }],
})
