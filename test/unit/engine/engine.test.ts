import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { unavailable } from '../../../src/engine/client.ts'
import { demux } from '../../../src/engine/demux.ts'
import { findEndpoint, parseEndpoint } from '../../../src/engine/endpoint.ts'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { jsonLines, transferLine } from '../../../src/engine/json-lines.ts'
import { findCertificates } from '../../../src/images/build/certificates.ts'
import { tee } from '../../../src/images/load/archive.ts'
import { parseCheck } from '../../../src/images/load/node-images.ts'
import { fullName, splitReference } from '../../../src/lib/image-reference.ts'

test.each([
  ['unix:///run/x.sock', {}, { kind: 'socket', path: '/run/x.sock' }],
  ['/run/x.sock', {}, { kind: 'socket', host: 'unix:///run/x.sock' }],
  ['tcp://10.0.0.1:99', {}, { kind: 'tcp', hostname: '10.0.0.1', port: 99, certificates: undefined }],
  ['tcp://h', { DOCKER_TLS_VERIFY: '1', HOME: '/h' }, { kind: 'tcp', port: 2376, certificates: '/h/.docker' }],
  ['ssh://me@h', {}, { kind: 'ssh', hostname: 'h', user: 'me', port: 22 }],
])('DOCKER_HOST %s is read', (host, env, endpoint) => {
  expect(parseEndpoint(host, env)).toMatchObject(endpoint)
})

test('an address of an unknown form is refused', () => {
  expect(() => parseEndpoint('nonsense', {})).toThrow('DOCKER_HOST is not a valid address')
})

test('the current Docker context is used, and DOCKER_HOST wins over it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'devk-unit-'))
  const id = createHash('sha256').update('colima').digest('hex')
  const meta = join(home, '.docker/contexts/meta', id)
  await mkdir(meta, { recursive: true })
  await writeFile(join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: 'unix:///colima.sock' } } }))
  const env = { HOME: home }
  expect((await findEndpoint(env)).host).toBe('unix:///var/run/docker.sock')
  await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'colima' }))
  expect((await findEndpoint(env)).host).toBe('unix:///colima.sock')
  expect((await findEndpoint({ ...env, DOCKER_HOST: 'tcp://h:1' })).host).toBe('tcp://h:1')
  await rm(home, { recursive: true })
})

test.each([
  ['EACCES', 'unix:///s', 'No permission'],
  ['ENOENT', 'unix:///s', 'is not running'],
  ['ECONNREFUSED', 'tcp://h:1', 'cannot be reached (ECONNREFUSED)'],
])('the error %s at %s is explained', (code, host, words) => {
  const error = Object.assign(new Error('x'), { code })
  expect(unavailable(error, parseEndpoint(host, {}))).toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining(words),
    hint: expect.any(String),
  })
})

test('an engine that does not answer is ENGINE_UNAVAILABLE', async () => {
  const engine = dockerEngine({ DOCKER_HOST: 'unix:///nowhere/docker.sock' })
  await expect(engine.images.info(new AbortController().signal)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
})

test('a multiplexed stream is split whatever its chunks', async () => {
  const frame = (stream: number, body: string) => {
    const header = Buffer.alloc(8)
    header[0] = stream
    header.writeUInt32BE(Buffer.byteLength(body), 4)
    return Buffer.concat([header, Buffer.from(body)])
  }
  const all = Buffer.concat([frame(1, 'out'), frame(2, 'err'), frame(1, ''), frame(1, 'more')])
  const { stdout, stderr } = demux(
    Readable.from(
      [...all].map((byte) => Buffer.from([byte])),
      { objectMode: false },
    ),
  )
  expect(await Promise.all([text(stdout), text(stderr)])).toEqual(['outmore', 'err'])
})

test('JSON lines are read across chunks that cut characters', async () => {
  const bytes = Buffer.from('{"a":"é"}\n{"b":1}')
  const found = []
  for await (const line of jsonLines(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]))) found.push(line)
  expect(found).toEqual([{ a: 'é' }, { b: 1 }])
  expect(transferLine({ id: 'ab', status: 'Pushing', progressDetail: { current: 1, total: 3 } })).toBe('ab Pushing 33%')
  expect(transferLine({ aux: {} })).toBeUndefined()
})

test('one stream is copied to several, and one that closes early does not stop the others', async () => {
  const good = new PassThrough()
  const bad = new PassThrough()
  const read = text(good)
  const source = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(10_000, 'x')))
  setImmediate(() => bad.destroy())
  expect(await tee(source, [good, bad])).toBe(500_000)
  expect((await read).length).toBe(500_000)
})

test('the table of ctr images check is read', () => {
  const table = `REF TYPE DIGEST STATUS SIZE UNPACKED
a:1 application/x sha256:01 complete (2/2) 1.4 MiB/1.4 MiB true
b:1 application/x sha256:02 incomplete (1/3) 1.0 B/2.0 B false
`
  expect([...parseCheck(table)]).toEqual([
    ['a:1', { digest: 'sha256:01', unpacked: true }],
    ['b:1', { digest: 'sha256:02', unpacked: false }],
  ])
  expect(parseCheck('').size).toBe(0)
})

test.each([
  ['localhost:5001/a/b:c', 'localhost:5001/a/b', 'c'],
  ['localhost:5001/a', 'localhost:5001/a', 'latest'],
])('the reference %s has the repository %s and the tag %s', (reference, repo, tag) => {
  expect(splitReference(reference)).toEqual({ repo, tag })
})

test.each([
  ['todo:1', 'docker.io/library/todo:1'],
  ['todo', 'docker.io/library/todo:latest'],
  ['a/b:1', 'docker.io/a/b:1'],
  ['localhost:5001/a/b:1', 'localhost:5001/a/b:1'],
  ['registry.k8s.io/pause:3', 'registry.k8s.io/pause:3'],
])('containerd names the image %s %s', (short, full) => {
  expect(fullName(short)).toBe(full)
})

test('the CA bundle is the given file, else that of the environment, else that of the system', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-unit-'))
  const [own, usual] = [join(folder, 'own.pem'), join(folder, 'usual.pem')]
  await Promise.all([own, usual].map((file) => writeFile(file, 'PEM')))
  expect(await findCertificates(own, {}, [])).toBe(own)
  expect(await findCertificates(true, { SSL_CERT_FILE: own }, [usual])).toBe(own)
  expect(await findCertificates(true, { SSL_CERT_FILE: join(folder, 'gone') }, [usual])).toBe(usual)
  await expect(findCertificates(true, {}, [])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(findCertificates(join(folder, 'gone'), {})).rejects.toThrow(/^The CA bundle .* does not exist$/)
  await rm(folder, { recursive: true })
})
