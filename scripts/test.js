// Runs every check and test, sets up what they need as a user's first run does, and closes with `N passed, N failed`.
import { spawn } from 'node:child_process'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name) => join(root, 'node_modules/.bin', name)
const devk = join(root, 'bin/devk')
const ofPlatform = ['traefik', 'metrics-server', 'minikube', 'kicbase']
const ofObservability = ['prometheus', 'alertmanager', 'kube-state-metrics', 'node-exporter', 'jaeger']
const ofHeavy = [
  'argo-rollouts',
  'loki',
  'log-collector',
  'rabbitmq-4',
  'consul',
  'cert-manager-controller',
  'cert-manager-webhook',
]
const folder = await mkdtemp(join(tmpdir(), 'devk-test-'))
const total = { passed: 0, failed: 0 }

try {
  await check('lint', bin('biome'), ['ci', '.'])
  await check('types', bin('tsc'), ['--noEmit'])
  await check('unused code', bin('knip'), [])
  await check('build', process.execPath, [join(root, 'scripts/build.js')])
  await check('package', bin('publint'), [])
  await tests('unit')
  await check('engine and kernel limits', devk, ['doctor', '--fix', '--yes'])
  await check('kit', devk, ['kit', 'build', '--yes'])
  await tests('docker')
  // Images that take the kit minutes are needed last; they are built where the tests before leave the machine idle.
  const aside = (name, images) =>
    check(name, 'nice', ['-n', '19', devk, 'kit', 'build', '--yes', ...images], `${images[0]}.log`)
  const platform = aside('images of the platform', ofPlatform)
  const observability = platform.then(() => aside('images of observability', ofObservability))
  await tests('e2e')
  await platform
  await tests('platform')
  await observability
  await tests('observability')
  if (process.argv.includes('--all')) {
    await check('images that take long', devk, ['kit', 'build', '--yes', ...ofHeavy])
    await tests('heavy')
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

/** A command that must succeed. One that writes to a file, since others write meanwhile, is shown only when it fails. */
async function check(name, command, args, file) {
  const log = file && join(folder, file)
  const code = await run(name, command, args, log && (await open(log, 'w')))
  if (log && code !== 0) console.log(`\n── ${name}\n${await readFile(log, 'utf8')}`)
  total[code === 0 ? 'passed' : 'failed'] += 1
}

/** One vitest project; a run that gives no report counts as a failure, so that nothing is skipped in silence. */
async function tests(project) {
  const report = join(folder, `${project}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run(`${project} tests`, bin('vitest'), ['run', '--project', project, ...reporters])
  const result = await readFile(report, 'utf8').then(JSON.parse, () => undefined)
  const passed = result?.numPassedTests ?? 0
  const failed = result?.numFailedTests ?? 0
  total.passed += passed
  // Suites that fail outside a test, and skipped tests, are no successes either.
  const hidden = code !== 0 && failed === 0 ? 1 : 0
  total.failed += failed + hidden + (passed + failed === 0 && hidden === 0 ? 1 : 0)
}

function run(name, command, args, file) {
  console.log(`\n── ${name}${file ? ', aside' : ''}`)
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` }
  const output = file ? file.fd : 'inherit'
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', output, output], env })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}
