// Runs every check and test, after setting up what they need as a user's first run does. Ends with `N passed, N failed`.
// With --all it also runs the tests whose images take long to build.
import { spawn } from 'node:child_process'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ImageSet, imageSets } from '../test/image-sets.ts'
import { totalsOf } from './test-totals.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name: string) => join(root, 'node_modules/.bin', name)
const devk = join(root, 'bin/devk')
/** Stands for the tests without a tag. */
const untagged = 'untagged'
const isOnDemand = ({ onDemand }: ImageSet) => onDemand
const folder = await mkdtemp(join(tmpdir(), 'devk-test-'))
let passed = 0
const failures: string[] = []

try {
  await check('build', process.execPath, [join(root, 'scripts/build.js')])
  await check('Chromium', process.execPath, [join(root, 'scripts/chromium.ts')])
  await check('engine and kernel limits', devk, ['doctor', '--fix', '--yes'])
  // The kit takes the longest by far. Meanwhile run what needs none of its images.
  const kit = buildInBackground('kit')
  await check('lint', bin('biome'), ['ci', '.'])
  await check('types', bin('tsc'), ['--noEmit'])
  await check('types of the page', bin('tsc'), ['--noEmit', '-p', 'web'])
  await check('unused code', bin('knip'), [])
  await check('package', bin('publint'), [])
  await tests('unit')
  await tests('browser')
  await tests('attacks')
  await kit
  // From here on there is a Go: the machine's own, or one that the kit has built.
  for (const part of ['format', 'vet', 'test']) {
    await check(`agent, ${part}`, process.execPath, [join(root, 'scripts/test-agent.ts'), part])
  }
  await tests('package')
  await tests('docker', untagged)
  await tests('faults')
  let last = Promise.resolve()
  const built = imageSets
    .filter((set) => !isOnDemand(set))
    .map(({ tag, images }) => {
      last = last.then(() => buildInBackground(`kit, ${tag}`, images))
      return { tag, done: last }
    })
  await tests('e2e', untagged)
  for (const { tag, done } of built) {
    await done
    await tests('e2e', tag)
  }
  for (const { tag, images } of process.argv.includes('--all') ? imageSets.filter(isOnDemand) : []) {
    await check(`kit, ${tag}`, devk, ['kit', 'build', '--yes', ...images])
    await tests('docker', tag)
    await tests('e2e', tag)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
// The failures stand once more at the end, since a long log is often kept only by its last lines.
for (const failure of failures) console.log(`\nFailed: ${failure}`)
console.log(`\n${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

/** Builds images, or without any those that the kit always builds, at the lowest priority because tests run meanwhile. */
function buildInBackground(name: string, images: readonly string[] = []): Promise<void> {
  return check(name, 'nice', ['-n', '19', devk, 'kit', 'build', '--yes', ...images], `${name}.log`)
}

/** Runs a command that must succeed. One that runs in the background writes into a log file, which is shown only if it fails. */
async function check(name: string, command: string, args: readonly string[], logFile?: string): Promise<void> {
  const log = logFile && join(folder, logFile)
  const exitCode = await run(name, command, args, log)
  if (log && exitCode !== 0) console.log(`\n── ${name}\n${await readFile(log, 'utf8')}`)
  if (exitCode === 0) passed += 1
  else failures.push(`${name}: exit code ${exitCode}`)
}

/** Runs the tests of a vitest project; with a tag only those that have it, or for `untagged` those that have none. */
async function tests(project: string, tag?: string): Promise<void> {
  const name = tag === undefined ? project : `${project} ${tag}`
  const file = join(folder, `${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const expression = tag === untagged ? imageSets.map((set) => `!${set.tag}`).join(' && ') : tag
  // With preParse vitest does not load the files that the filter leaves out.
  const filter = expression === undefined ? [] : ['--tags-filter', expression, '--experimental.preParse']
  const exitCode = await run(`${name} tests`, bin('vitest'), ['run', '--project', project, ...reporters, ...filter])
  const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined)
  const isSelected = (tags: readonly string[]) =>
    tag === undefined || (tag === untagged ? tags.length === 0 : tags.includes(tag))
  const totals = totalsOf(report, exitCode, isSelected)
  passed += totals.passed
  failures.push(...totals.failures.map((failure) => `${name}: ${failure}`))
}

/** Runs a command with this checkout's programs first on PATH; gives its exit code. Its output goes to a file if one is named. */
async function run(name: string, command: string, args: readonly string[], outputFile?: string): Promise<number> {
  console.log(`\n── ${name}${outputFile ? `, in the background, with its output in ${outputFile}` : ''}`)
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` }
  const file = outputFile === undefined ? undefined : await open(outputFile, 'w')
  const output = file?.fd ?? 'inherit'
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', output, output], env })
  const exitCode = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
  await file?.close()
  return exitCode
}
