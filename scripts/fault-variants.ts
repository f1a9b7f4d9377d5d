// Shows that the campaign of faults can fail: runs it against copies of devk with one deliberate mistake each, all of which
// must be noticed. `node scripts/fault-variants.ts [ROW…]`
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeLive } from '../test/faults/support/live/shared.ts'
import { variants } from '../test/faults/variants.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const copy = await mkdtemp(join(tmpdir(), 'devk-variants-'))
/** All runs share the cluster that the first one makes. */
const live = await mkdtemp(join(tmpdir(), 'devk-variants-live-'))
const rows = process.argv.slice(2)
let missed = 0
try {
  const parts = [
    'src',
    'test',
    'presets',
    'bin',
    'scripts',
    'kit',
    'agent',
    'debuggers',
    'web',
    'vitest.config.ts',
    'tsconfig.json',
  ]
  for (const name of [...parts, 'package.json', 'package-lock.json']) {
    // With another time bin/devk would install the packages again.
    await cp(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true })
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const chosen = variants.filter((each) => rows.length === 0 || rows.includes(each.row))
  for (const row of new Set(chosen.map((each) => each.row))) {
    const { status, output } = run(row)
    if (status !== 0) throw new Error(`${row} fails for devk as it is:\n${output}`)
  }
  for (const { mistake, file, from, to, row } of chosen) {
    const path = join(copy, 'src', file)
    const right = await readFile(path, 'utf8')
    if (right.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`)
    await writeFile(
      path,
      right.replace(from, () => to),
    )
    const isNoticed = run(row).status !== 0
    if (!isNoticed) missed += 1
    console.log(`${isNoticed ? 'noticed' : 'MISSED '}  ${row}: ${mistake}`)
    await writeFile(path, right)
  }
} finally {
  await removeLive(live)
  await rm(copy, { recursive: true, force: true })
}
process.exitCode = missed === 0 ? 0 : 1

/** Runs a row of the short campaign for the copy. */
function run(row: string): { readonly status: number | null; readonly output: string } {
  // Some rows run bin/devk, which would build while it is interrupted.
  const built = spawnSync(process.execPath, ['scripts/build.js'], { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] })
  if (built.status !== 0) throw new Error('the copy cannot be built')
  const args = ['run', '--project', 'faults', `test/faults/${row}.test.ts`, '--bail', '1']
  const PATH = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`
  const env = { ...process.env, PATH, DEVK_FAULTS_CLUSTER: live }
  const options = { cwd: copy, env, encoding: 'utf8', maxBuffer: 100_000_000 } as const
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/vitest'), args, options)
  return { status, output: stdout + stderr }
}
