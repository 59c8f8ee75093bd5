import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import babel from '@rolldown/plugin-babel'
import { defineConfig, type Plugin } from 'vite'
import { compiledMessages } from './messages'

const OUT = fileURLToPath(new URL('../src/gatherum/web/static', import.meta.url))

/** What nearly every page needs, and what several need. */
const GROUPS = [
  { name: 'base', test: /node_modules/, minShareCount: 8 },
  { name: 'common', minShareCount: 4 },
]

/** What says `react` gets Preact, also in the libraries: it does the same in a fifth of the bytes. See ADR 30. */
const ALIAS = [
  { find: /^react(-dom)?$/, replacement: 'preact/compat' },
  { find: /^react-dom\/client$/, replacement: 'preact/compat/client' },
  { find: /^react\/jsx(-dev)?-runtime$/, replacement: 'preact/jsx-runtime' },
]

const SOURCES = /\/src\/.*\.tsx?$/

const SERVER = process.env.GATHERUM_URL ?? 'http://localhost:8420'

/** Writes NAME.br beside every text file of the build, so that the server never compresses. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    apply: 'build',
    closeBundle() {
      if (!existsSync(OUT)) return // the build has failed already, and says why
      for (const name of readdirSync(OUT, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg|webmanifest)$/.test(name)) continue
        const path = join(OUT, name)
        const raw = readFileSync(path)
        const best = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
        writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: best }))
      }
    },
  }
}

/** Begins every style sheet with the order of the layers, so that it holds whichever sheet comes first. */
function layered(): Plugin {
  const [order = ''] = /^@layer [^{;]+;/m.exec(readFileSync('src/styles/index.css', 'utf8')) ?? []
  return {
    name: 'layered',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'asset' && file.fileName.endsWith('.css'))
          file.source = `${order}${String(file.source)}`
    },
  }
}

/** Has the font asked for beside the code: text that is drawn in another one first would move the page. */
function fontFirst(): Plugin {
  return {
    name: 'font-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) => {
        const font = Object.keys(bundle).find((name) => name.includes('-latin-wght-'))
        if (font === undefined) throw new Error('the build holds no font to begin with')
        const attrs = { rel: 'preload', href: `./${font}`, as: 'font', type: 'font/woff2', crossorigin: true }
        return [{ tag: 'link', attrs, injectTo: 'head' }]
      },
    },
  }
}

export default defineConfig(({ command }) => ({
  // Addresses relative to the page: the server knows under which path the application stands.
  base: command === 'build' ? './' : '/',
  plugins: [
    babel({
      include: SOURCES,
      plugins: [['@lingui/babel-plugin-lingui-macro', { descriptorFields: 'message' }]],
    }),
    babel({ include: SOURCES, plugins: [compiledMessages] }),
    layered(),
    fontFirst(),
    precompressed(),
  ],
  resolve: { alias: ALIAS },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    // Else each icon that two pages share is a file of its own, and a page asks for sixty.
    rolldownOptions: {
      output: { codeSplitting: { groups: GROUPS } },
      checks: { moduleLevelDirective: false }, // "use client" of the libraries: nothing is drawn by a server
    },
  },
  // A running Gatherum, for development: it takes nothing that comes from another origin.
  server: { proxy: { '/api': { target: SERVER, changeOrigin: true, headers: { origin: SERVER } } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
}))
