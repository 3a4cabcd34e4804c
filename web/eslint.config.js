import js from '@eslint/js';
import globals from 'globals';

export default [
  js.configs.recommended,
  {
    rules: {
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
      'no-implicit-globals': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'object-shorthand': 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  { files: ['app/**'], languageOptions: { globals: globals.browser } },
  { files: ['tests/**', 'e2e/**', '*.js'], languageOptions: { globals: globals.node } },
  { files: ['e2e/**'], languageOptions: { globals: globals.browser } },
];
