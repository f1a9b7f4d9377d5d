/**
 * Images of languages and databases under the names that users write. In the long runs, because it builds them anew.
 * @module-tag long
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildKit } from '../../../src/kit/kit.ts'
import { eventually } from '../../e2e/support/eventually.ts'
import { docker } from '../../support/docker.ts'
import { kitWithEmptyCache, runner } from './temporary-kit.ts'

/** Tags that no recipe has, and what stands in for them. */
const standIns = {
  'alpine:3.19': 'alpine:latest',
  'golang:1.22-alpine': 'golang:1.24',
  'eclipse-temurin:17-jre-alpine': 'eclipse-temurin:17',
  'php:8.1-apache': 'php:8.2-apache',
  'mysql:8.0': 'mariadb:10.11',
  memcached: 'memcached:1.6',
}
const started: string[] = []
const told: [string, string][] = []
let removeFolder: () => Promise<void>

beforeAll(async () => {
  const kit = await kitWithEmptyCache()
  removeFolder = kit.remove
  const onStandIn = (wanted: string, source: string) => told.push([wanted, source])
  await buildKit(kit.deps, { only: Object.keys(standIns), onStandIn, signal: AbortSignal.timeout(290_000) })
})
afterEach(async () => {
  for (const name of started.splice(0)) await runner.run('docker', ['rm', '-f', '-v', name])
})
afterAll(async () => {
  // Later tests and users must not take these names for upstream images.
  for (const name of Object.keys(standIns)) await runner.run('docker', ['rmi', name])
  await removeFolder()
})

const run = (image: string, ...command: string[]) => runner.run('docker', ['run', '--rm', image, ...command])

/** Starts a container that is removed after the test; gives its address. */
async function start(...args: string[]): Promise<{ id: string; address: string }> {
  const id = await docker('run', '-d', ...args)
  started.push(id)
  return { id, address: await docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', id) }
}

test('each one says which image of the kit stands in for it, and has the label', async () => {
  expect(told).toEqual(Object.entries(standIns))
  for (const name of Object.keys(standIns)) {
    expect(await docker('inspect', '-f', '{{index .Config.Labels "devk.dev/stand-in"}}', name)).toMatch(
      /Debian|OpenJDK/,
    )
  }
})

test('apk add installs the packages of Debian that correspond, and says so; it fails for others', async () => {
  const script = 'apk add --no-cache build-base jq=1.6-r4 && gcc --version >/dev/null && jq --version && apk del jq'
  const done = await run('alpine:3.19', 'sh', '-c', script)
  expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('jq-1.')])
  expect(done.stderr).toContain(
    'stand-in that is made from Debian. Installed in place of build-base jq=1.6-r4: build-essential jq',
  )
  const other = await run('alpine:3.19', 'apk', 'add', 'no-such-package')
  expect([other.exitCode, other.stderr]).toEqual([1, expect.stringContaining('Debian has no such package')])
})

test('users and groups are made with the options of Alpine, or with those of Debian', async () => {
  const script = [
    'addgroup -S -g 1001 app && adduser -S -D -H -u 1002 -G app app && id app',
    'adduser --system --group --no-create-home other && id -un other',
    'adduser -D -h /srv/x -s /bin/bash x && addgroup x app && getent passwd x && id -Gn x',
  ].join(' && ')
  const { exitCode, stdout, stderr } = await run('golang:1.22-alpine', 'sh', '-c', `apk add -q adduser >&2; ${script}`)
  expect([exitCode, stdout], stderr).toEqual([
    0,
    expect.stringMatching(/uid=1002\(app\) gid=1001\(app\).*\nother\nx:x:\d+:\d+::\/srv\/x:\/bin\/bash\nx app/),
  ])
})

test('Go compiles a program, and Java has a JDK', async () => {
  const program = 'package main\nfunc main() { println("compiled") }\n'
  const built = await run('golang:1.22-alpine', 'sh', '-c', `printf '${program}' > m.go && go run m.go`)
  expect([built.exitCode, built.stderr]).toEqual([0, 'compiled'])
  expect((await run('eclipse-temurin:17-jre-alpine', 'java', '-version')).stderr).toMatch(/version "17\./)
})

test('Java trusts the certificates of the machine, as the other programs of the image do', async () => {
  const list =
    'ls /usr/local/share/ca-certificates; keytool -list -cacerts -storepass changeit | grep -o "machine-[0-9]*"'
  const { stdout } = await run('eclipse-temurin:17-jre-alpine', 'sh', '-c', `${list} || true`)
  const names = stdout.split(/\s+/).filter((name) => name !== '')
  const files = names.flatMap((name) => (name.endsWith('.crt') ? [name.slice(0, -4)] : []))
  expect(names.filter((name) => !name.endsWith('.crt')).sort()).toEqual(files.sort())
})

test('PHP answers under Apache, with an extension that its Dockerfile asks for', async () => {
  const page = 'docker-php-ext-install pdo_mysql && echo "<?= extension_loaded(\'pdo_mysql\') ? 6 * 7 : 0;" > index.php'
  const { address } = await start('php:8.1-apache', 'sh', '-c', `${page} && exec apache2-foreground`)
  const text = await eventually('the page', 60, () => fetch(`http://${address}/`).then((response) => response.text()))
  expect(text.trim()).toBe('42')
})

test('a database under the name of MySQL has its user and its database, and no account without a password', async () => {
  const secrets = ['MYSQL_ROOT_PASSWORD=a\'b"c\\d', 'MYSQL_DATABASE=my-shop', 'MYSQL_USER=shop', "MYSQL_PASSWORD=p'w"]
  const { id, address } = await start(...secrets.flatMap((each) => ['-e', each]), 'mysql:8.0')
  const sql = async (user: string, password: string[], ...query: string[]) =>
    runner.run('docker', ['exec', id, 'mysql', '-h', address, '-u', user, ...password, '-N', ...query])
  await eventually('the server', 60, async () => {
    const { exitCode } = await sql('shop', ["-pp'w"], 'my-shop', '-e', 'CREATE TABLE t (n int)')
    return exitCode === 0 || undefined
  })
  expect((await sql('root', ['-pa\'b"c\\d'], '-e', 'SHOW TABLES IN `my-shop`')).stdout.trim()).toBe('t')
  for (const user of ['root', 'shop', '']) expect((await sql(user, [], '-e', 'SELECT 1')).exitCode).toBe(1)
})

test('memcached answers on all addresses, with options', async () => {
  const { address } = await start('memcached', '-m', '32')
  const script = `exec 3<>/dev/tcp/${address}/11211; printf 'stats settings\\nquit\\n' >&3; cat <&3`
  const answer = await eventually('the server', 30, async () => {
    const { stdout } = await runner.run('bash', ['-c', script])
    return stdout || undefined
  })
  expect(answer).toContain('STAT maxbytes 33554432')
})
