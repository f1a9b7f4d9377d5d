import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildKit, type KitDeps, kitStatus } from '../../../src/kit/kit.ts'
import { docker } from '../../support/docker.ts'
import { kitWithEmptyCache, runner } from './temporary-kit.ts'

const images = ['postgres:17', 'python:3.12-slim', 'node:20-alpine', 'redis:7']
const signal = AbortSignal.timeout(290_000)
const started: string[] = []
let deps: KitDeps
let removeFolder: () => Promise<void>

beforeAll(async () => {
  ;({ deps, remove: removeFolder } = await kitWithEmptyCache())
  // Both builds need the same base image: the second one waits for the first.
  await Promise.all([buildKit(deps, { only: images.slice(0, 2), signal }), buildKit(deps, { only: images, signal })])
})
afterEach(async () => {
  for (const name of started.splice(0)) await runner.run('docker', ['rm', '-f', '-v', name])
})
afterAll(() => removeFolder())

/** Creates a container that is removed after the test; gives its ID. */
async function createContainer(...args: string[]): Promise<string> {
  const name = await docker('create', ...args)
  started.push(name)
  return name
}

/** The output of a command in a container. */
const outputOf = (name: string, ...command: string[]): Promise<string> =>
  runner.run('docker', ['exec', name, ...command]).then(({ stdout }) => stdout.trim())

test('built images are present, and a second build does nothing', async () => {
  const events: string[] = []
  await buildKit(deps, { only: images, signal, onProgress: ({ recipe }) => events.push(recipe) })
  expect(events).toEqual([])
  const status = await kitStatus(deps, signal)
  for (const image of images) expect(status.find(({ provides }) => provides.includes(image))?.present, image).toBe(true)
})

test('postgres creates the user and the database, checks the password, and runs the init scripts', async () => {
  const name = await createContainer(
    ...['-e', 'POSTGRES_USER=todo', '-e', `POSTGRES_PASSWORD=p w'"$x`, '-e', 'POSTGRES_DB=todo-db', 'postgres:17'],
  )
  const folder = await mkdtemp(join(tmpdir(), 'devk-initdb-'))
  try {
    await writeFile(join(folder, '1.sql'), 'CREATE TABLE item (name text);')
    await writeFile(
      join(folder, '2.sh'),
      `psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO item VALUES ('first')"\n`,
    )
    await docker('cp', `${folder}/.`, `${name}:/docker-entrypoint-initdb.d/`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  await docker('start', name)
  // As in the upstream image, connections over loopback are trusted, and those to the container's address are not.
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', name)
  const query = (password: string) =>
    outputOf(
      name,
      'env',
      `PGPASSWORD=${password}`,
      ...`psql -h ${address} -U todo -d todo-db -tAc`.split(' '),
      'SELECT * FROM item',
    )
  await expect.poll(() => query(`p w'"$x`), { timeout: 60_000 }).toBe('first')
  expect(await query('wrong')).toBe('')
})

test('postgres does not start without a password, and names the variable to set', async () => {
  const { exitCode, stderr } = await runner.run('docker', ['run', '--rm', 'postgres:17'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('POSTGRES_PASSWORD')
})

test('python and pip run under all their names, and pip installs without special options', async () => {
  const script = 'python -V && python3 -V && pip --version && pip install --no-index . && python -c "import small"'
  const { exitCode, stderr } = await runner.run('docker', [
    'run',
    '--rm',
    '-i',
    'python:3.12-slim',
    'sh',
    '-ec',
    `${project}${script}`,
  ])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
})

/** A shell script that writes a Python package with its own build backend, so that pip needs no package index. */
const project = `mkdir /p && cd /p && cat > pyproject.toml <<'EOF'
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "small"
version = "1"
EOF
cat > backend.py <<'EOF'
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "small-1-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("small.py", "")
        wheel.writestr("small-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr("small-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("small-1.dist-info/RECORD", "")
    return name
EOF
`

test.each([
  { what: 'a script', args: ['-e', 'console.log(process.version)'], output: /^v20\./ },
  { what: 'npm', args: ['npm', '--version'], output: /^10\./ },
  { what: 'the user node', args: ['sh', '-c', 'id -u node'], output: /^1000$/ },
])('node runs $what', async ({ args, output }) => {
  expect(await docker('run', '--rm', 'node:20-alpine', ...args)).toMatch(output)
})

test('redis answers from outside its container, and does not run as root', async () => {
  const name = await createContainer('redis:7')
  await docker('start', name)
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', name)
  const ping = () => outputOf(name, 'redis-cli', '-h', address, 'ping')
  await expect.poll(ping, { timeout: 20_000 }).toBe('PONG')
  expect(await outputOf(name, 'stat', '-c', '%U', '/proc/1')).toBe('redis')
})

test('redis without its entrypoint answers from outside its container, with the given password only', async () => {
  const name = await createContainer('--entrypoint', 'redis-server', 'redis:7-alpine', '--requirepass', 'secret')
  await docker('start', name)
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', name)
  const ping = (...password: string[]) => outputOf(name, 'redis-cli', '-h', address, ...password, 'ping')
  await expect.poll(() => ping('--no-auth-warning', '-a', 'secret'), { timeout: 20_000 }).toBe('PONG')
  expect(await ping()).toContain('NOAUTH')
})

test.each(['node:20-alpine', 'python:3.12-slim', 'redis:7', 'postgres:17-alpine', 'nginx:alpine'])(
  '%s keeps no packages that it has installed, and no index of packages',
  async (image) => {
    const large = ['find', '/var/cache/apt', '/var/lib/apt/lists', '-type', 'f', '-size', '+64k']
    expect(await docker('run', '--rm', '--entrypoint', '', image, ...large)).toBe('')
  },
)

test('apt finds packages in an image of the kit', async () => {
  const { exitCode, stderr } = await runner.run('docker', [
    ...['run', '--rm', 'python:3.12-slim', 'sh', '-ec'],
    'apt-get update -qq && apt-get install -s gcc libpq-dev',
  ])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
})
