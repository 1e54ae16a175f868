// Lint rules of the house. Warnings do not exist: a rule is an error or it is off.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'demo-output/', 'test-output/', 'coverage/', '.cache/', 'test/fixtures/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An assertion that changes nothing hides the ones that do.
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      // Private members are private by the language's keyword; a quantity's name ends in its unit: wait_ms, size_bytes.
      'no-restricted-syntax': [
        'error',
        { selector: 'PrivateIdentifier', message: 'Write `private`, not `#`.' },
        {
          selector:
            ':matches(VariableDeclarator > Identifier.id, TSPropertySignature > Identifier.key, PropertyDefinition > Identifier.key, AssignmentPattern > Identifier.left)[name=/[a-z0-9](Ms|Seconds|Minutes|Hours)$/]',
          message: 'Write the unit as a suffix of its own: wait_ms, age_seconds.',
        },
      ],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'writable' } },
  },
  {
    files: ['dashboards/pages/*.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        FormData: 'readonly',
        URLSearchParams: 'readonly',
      },
    },
  },
  { files: ['scripts/**/*.mjs', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  prettier,
);
