import a11y from 'eslint-plugin-jsx-a11y'
import lingui from 'eslint-plugin-lingui'
import hooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Names, keys and codes: strings that no person reads. */
const NO_WORDS = {
  ignore: [
    '^[^\\p{L}]*$',
    '^[a-z0-9_-]+$',
    '^[a-z]+[A-Z]\\w*$',
    '^(?:[A-Z][A-Za-z]*|Ctrl)$',
    '^[#./?&]',
    '^(?:auto|var|calc|repeat|min|max|translate\\w*|minmax)\\b.*$',
  ],
  ignoreNames: [
    {
      regex: {
        pattern:
          '^(?:className|data-.+|aria-(?:live|haspopup|current|controls|labelledby|describedby)|id|to|href|src|type|role|name|method|key|d|viewBox|autoComplete|inputMode|style|mode|rel|path|queryKey|pattern)$',
      },
    },
    { regex: { pattern: '^[A-Z0-9_]+$' } },
  ],
  ignoreFunctions: [
    'cx',
    'is',
    '*.is',
    'Error',
    'useQuery',
    '*.on',
    'useLive',
    '*.getItem',
    '*.setItem',
    '*.matches',
    'matchMedia',
    '*.querySelector',
    '*.querySelectorAll',
    '*.closest',
    '*.GET',
    '*.POST',
    '*.PUT',
    '*.PATCH',
    '*.DELETE',
    '*.addEventListener',
    '*.removeEventListener',
    '*.includes',
    '*.startsWith',
    '*.endsWith',
    '*.split',
    '*.join',
    '*.has',
    '*.get',
    '*.set',
    '*.setAttribute',
    '*.removeAttribute',
    'fetch',
    'useKeys',
    '*.dispatchEvent',
  ],
}

export default defineConfig(
  globalIgnores(['node_modules', 'eslint.config.js', 'public', 'src/api/schema.d.ts', 'locales']),
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  a11y.flatConfigs.strict,
  hooks.configs.flat.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'package', package: '@tanstack/router-core', name: 'Redirect' }] },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXAttribute[name.name="spellCheck"] Literal[raw=/^(true|false)$/]',
          message: 'Preact takes the attribute away for `false`: write spellCheck="false".',
        },
      ],
    },
  },
  {
    files: ['src/**/*.tsx', 'src/**/*.ts'],
    ignores: ['src/**/*.test.ts'],
    plugins: { lingui },
    rules: {
      'lingui/no-unlocalized-strings': ['error', NO_WORDS],
      'lingui/t-call-in-function': 'error',
      'lingui/no-expression-in-message': 'error',
    },
  },
)
