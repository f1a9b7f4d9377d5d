/** What is odd in a build context, and Dockerfiles and ignore files that are links: the image has what Docker's client gives it. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { dockerEngine } from '../../../../src/engine/engine.ts'
import { buildRequest } from '../../../support/build-request.ts'
import { docker } from '../../../support/docker.ts'
import { builderFor } from '../../../support/image-builder.ts'

const run = promisify(execFile)
const engine = dockerEngine(process.env)
const builder = builderFor(process.env)
const { signal } = new AbortController()
const [ours, theirs] = ['devk-test/odd:devk', 'devk-test/odd:docker'] as const
let folder = ''
const at = (path: string) => join(folder, path)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-test-odd-'))
  await write({ 'app/Dockerfile': 'FROM scratch\nCOPY . /ctx/\n' })
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  for (const tag of [ours, theirs]) await engine.images.remove(tag, signal)
})

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), content)
  }
}

/** Builds the folder `app` with devk and with Docker's client; gives what each image has, with modes and targets of links. */
async function builtTwice(): Promise<readonly [string[], string[]]> {
  await builder.build(buildRequest(at('app'), ours), () => {}, signal)
  await docker('build', '--quiet', '--tag', theirs, at('app'))
  return [await contentOf(ours), await contentOf(theirs)]
}

async function contentOf(image: string): Promise<string[]> {
  const id = await docker('create', image, 'none')
  try {
    await docker('export', '--output', at('image.tar'), id)
    const { stdout } = await run('tar', ['--list', '--verbose', '--file', at('image.tar')])
    const entries = stdout.split('\n').filter((line) => line.includes('ctx/'))
    // Mode and name, without owner, size and time.
    return entries.map((line) => line.replace(/^(\S+)\s+\S+\s+\S+\s+\S+\s+\S+ /, '$1 ')).sort()
  } finally {
    await docker('rm', id)
  }
}

test('links, odd names and modes are kept; pipes and sockets, which no image needs, are left out', async () => {
  const long = `${'d'.repeat(100)}/${'e'.repeat(100)}/${'f'.repeat(200)}`
  const names = ['with space', `quote'"`, 'new\nline', 'ümläut-日本', '-rf', long, 'zero']
  await write(Object.fromEntries(names.map((name) => [`app/${name}`, 'x'])))
  await mkdir(at('app/empty'))
  await run('chmod', ['4755', at('app/with space')])
  const links = { broken: 'nowhere', absolute: '/etc/passwd', loop: '.' }
  for (const [name, target] of Object.entries(links)) await symlink(target, at(`app/${name}`))
  await run('mkfifo', [at('app/pipe')])
  const server = createServer().listen(at('app/socket'))
  onTestFinished(() => void server.close())
  const [own, other] = await builtTwice()
  expect(own).toEqual(other.filter((line) => !/ctx\/(pipe|socket)$/.test(line)))
  expect(own).toContain('-rwsr-xr-x ctx/with space')
})

test.each([
  ['in the context', 'real.Dockerfile', 'app/real.Dockerfile'],
  ['out of the context', '../common/Dockerfile', 'common/Dockerfile'],
])('a Dockerfile that is a link %s is read', async (_where, target, file) => {
  await write({ [file]: 'FROM scratch\nCOPY one /ctx/one\n', 'app/one': '1', 'app/two': '2' })
  await rm(at('app/Dockerfile'))
  await symlink(target, at('app/Dockerfile'))
  await builder.build(buildRequest(at('app'), ours), () => {}, signal)
  expect((await contentOf(ours)).filter((line) => !line.endsWith('/'))).toEqual(['-rw-r--r-- ctx/one'])
})

test('an ignore file that is a link counts, although Docker passes over it', async () => {
  await write({ 'common/ignore': 'secret\n', 'app/secret': '', 'app/kept': '' })
  await symlink('../common/ignore', at('app/.dockerignore'))
  const [own, other] = await builtTwice()
  const files = (all: readonly string[]) => all.filter((line) => /secret|kept/.test(line))
  expect(files(own)).toEqual(['-rw-r--r-- ctx/kept'])
  expect(other).toEqual(expect.arrayContaining(own))
})
