import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dockerEngine } from '../../../../src/engine/engine.ts'
import type { DevkError } from '../../../../src/errors.ts'
import { execaRunner } from '../../../../src/exec/runner.ts'
import type { BuildRequest } from '../../../../src/images/build/request.ts'
import { buildRequest } from '../../../support/build-request.ts'
import { builderFor } from '../../../support/image-builder.ts'

const engine = dockerEngine(process.env)
const runner = execaRunner(process.env)
const builder = builderFor(process.env)
const signal = new AbortController().signal
const tag = 'devk-test/build:1'
const base = 'kit/debian:bookworm'
let context = ''

beforeEach(async () => {
  context = await mkdtemp(join(tmpdir(), 'devk-test-'))
})
afterEach(async () => {
  await rm(context, { recursive: true, force: true })
  await engine.images.remove(tag, signal)
})

/** Writes files below the build context. */
async function write(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(context, name)), { recursive: true })
    await writeFile(join(context, name), content)
  }
}

const request = (changes: Partial<BuildRequest> = {}): BuildRequest => buildRequest(context, tag, changes)

/** The error of a promise that must reject. */
async function failure(promise: Promise<unknown>): Promise<DevkError> {
  return promise.then(
    () => expect.fail('it did not fail'),
    (error: DevkError) => error,
  )
}

test('a build gives the ID of the image, reports its steps, and labels the image', async () => {
  await write({
    Dockerfile: 'FROM scratch\nCOPY a.txt /a.txt\nCOPY sub /sub\n',
    'a.txt': randomUUID(),
    'sub/b c\nd.txt': 'b',
  })
  const labels = { 'devk.dev/project': 'test', 'devk.dev/service': 'build' }
  const lines: string[] = []
  const id = await builder.build(request({ labels }), (line) => lines.push(line), signal)
  const image = await engine.images.inspect(tag, signal)
  expect(image?.id).toBe(id)
  expect(image?.labels).toMatchObject(labels)
  expect(lines).toContain('step 1/2 COPY a.txt /a.txt')
  const listed = await engine.images.list(['devk.dev/project=test'], signal)
  expect(listed).toContainEqual({ ...image, ownSize: expect.any(Number) })
})

test('the error of a failed step has its line and its last output', async () => {
  await write({ Dockerfile: `FROM ${base}\n# why\nRUN echo one && \\\n    echo two && exit 7\n` })
  const error = await failure(builder.build(request({ noCache: true }), () => {}, signal))
  expect(error.code).toBe('BUILD_FAILED')
  expect(error.message).toContain('at step 2/2 echo one && echo two && exit 7 (Dockerfile line 3)')
  expect(error.details.slice(0, 2)).toEqual(['one', 'two'])
  expect(error.details.at(-1)).toContain('exit code: 7')
})

test('a syntax error, a missing file and an unknown target are explained', async () => {
  await write({ Dockerfile: 'FORM scratch\n' })
  expect((await failure(builder.build(request(), () => {}, signal))).details.at(-1)).toContain(
    'unknown instruction: FORM',
  )
  await write({ Dockerfile: 'FROM scratch\nCOPY nothing /\n' })
  expect((await failure(builder.build(request(), () => {}, signal))).message).toContain('(Dockerfile line 2)')
  const unknown = await failure(builder.build(request({ target: 'nope' }), () => {}, signal))
  expect(unknown.details.at(-1)).toContain('target stage "nope" could not be found')
})

test('a build leaves out ignored files, and keeps links and modes', async () => {
  await write({
    Dockerfile: `FROM ${base}\nARG WHO\nCOPY . /ctx\nRUN ls -la /ctx && test ! -e /ctx/no && test -x /ctx/run && test "$WHO" = me && test -L /ctx/link\n`,
    'Dockerfile.dockerignore': 'no\n',
    '.dockerignore': 'run\n',
    no: '',
    run: '',
  })
  await chmod(join(context, 'run'), 0o755)
  await symlink('/etc/passwd', join(context, 'link'))
  await builder.build(request({ args: { WHO: 'me' } }), () => {}, signal)
})

test('an aborted build stops and leaves no image', async () => {
  await write({ Dockerfile: `FROM ${base}\nRUN sleep 87.3\n` })
  const abort = new AbortController()
  const lines: string[] = []
  const building = builder.build(
    request({ noCache: true }),
    (line) => {
      lines.push(line)
      if (line.includes('sleep')) setTimeout(() => abort.abort(new Error('stopped by test')), 300)
    },
    abort.signal,
  )
  await expect(building).rejects.toThrow('stopped by test')
  expect(await engine.images.inspect(tag, signal)).toBeUndefined()
  await expect.poll(async () => (await runner.run('pgrep', ['-f', 'sleep 87.3'])).stdout, { timeout: 10_000 }).toBe('')
})

test('a build may use a Dockerfile that is ignored, and does not copy it', async () => {
  await write({
    Dockerfile: `FROM ${base}\nCOPY . /ctx\nRUN test ! -e /ctx/Dockerfile && test -e /ctx/a\n`,
    '.dockerignore': 'Dockerfile\n',
    a: '',
  })
  const lines: string[] = []
  const id = await builder.build(request(), (line) => lines.push(line), signal)
  expect((await engine.images.inspect(tag, signal))?.id).toBe(id)
  expect(lines.some((line) => line.startsWith('step 2/3 COPY . /ctx'))).toBe(true)
})

test('a secret is visible to its step and not stored in the image', async () => {
  await write({
    Dockerfile: `FROM ${base}\nRUN --mount=type=secret,id=token grep -q "^s3cret-4.$" /run/secrets/token\n`,
    'out, side': 's3cret-42',
  })
  const secrets = { token: { file: join(context, 'out, side') } }
  const id = await builder.build(request({ secrets, noCache: true }), () => {}, signal)
  const history = await runner.run('docker', ['history', '--no-trunc', id])
  expect(history.stdout).not.toContain('s3cret-42')
})

test('a CA bundle is available to each RUN and not stored in the image', async () => {
  await write({
    Dockerfile: `FROM ${base} AS one\nRUN test "$(cat $SSL_CERT_FILE)" = PEM && touch /made\nFROM ${base}\nCOPY --from=one /made /\nRUN <<EOF\nset -e\ntest "$(cat $NODE_EXTRA_CA_CERTS)" = PEM\nEOF\n`,
    'ca.pem': 'PEM',
  })
  const id = await builder.build(request({ caCertificates: join(context, 'ca.pem'), noCache: true }), () => {}, signal)
  const left =
    'test ! -s /run/devk/ca.pem && ! env | grep -q /run/devk && test -e /made && find / -xdev -name ca.pem -size +0'
  const inside = await runner.run('docker', ['run', '--rm', id, 'sh', '-c', left])
  expect(inside).toMatchObject({ exitCode: 0, stdout: '' })
})

test('with buildx too, build arguments arrive as they are, and are in no command line', async () => {
  const args = {
    A: `canary${randomUUID()}`,
    B: '$\u007bHOME} %{ if true } "\n$HOME',
    PATH_TO: '',
    LD_PRELOAD: '/evil.so',
  }
  const arrived = `test "$(printf %s "$B" | base64 -w0)$LD_PRELOAD:$PATH_TO:" = ${Buffer.from(args.B).toString('base64')}/evil.so::`
  await write({
    Dockerfile: `FROM ${base}\nARG A B PATH_TO=x LD_PRELOAD\nRUN --mount=type=secret,id=token ${arrived} && sleep 1\n`,
    token: 'x',
  })
  let readings: Promise<string>[] = []
  const secrets = { token: { file: join(context, 'token') } }
  const onLine = () => {
    readings = [...readings, commandLines()]
  }
  await builder.build(request({ args, secrets, noCache: true }), onLine, signal)
  const all = (await Promise.all(readings)).join('\n')
  expect([all.includes('buildx'), all.includes(args.A)]).toEqual([true, false])
})

/** What every user of this machine can read of its processes. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return (await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))).join('\n')
}
