// Runs the tests of test/faults: `npm run test:faults -- [NAME…] [--long] [--seed N] [--runs N]`. Without a seed each run
// of this script takes another one, which the first line shows.
import { spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean', default: false }, seed: { type: 'string' }, runs: { type: 'string' } },
})
const seed = values.seed ?? String(randomInt(1, 1_000_000))
console.log(`Faults with the seed ${seed}`)
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
  DEVK_FAULTS_SEED: seed,
  DEVK_FAULTS_LONG: values.long ? '1' : '0',
  ...(values.runs === undefined ? {} : { DEVK_FAULTS_RUNS: values.runs }),
}
// Otherwise the first bin/devk would build, and be interrupted at it.
spawnSync(process.execPath, [join(root, 'scripts/build.js')], { stdio: 'inherit' })
const files = positionals.map((name) => `test/faults/${name}.test.ts`)
const child = spawn(join(root, 'node_modules/.bin/vitest'), ['run', '--project', 'faults', ...files], {
  cwd: root,
  stdio: 'inherit',
  env,
})
child.on('close', (code) => {
  process.exitCode = code ?? 1
})
