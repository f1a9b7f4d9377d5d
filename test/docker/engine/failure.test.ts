import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { execaRunner } from '../../../src/exec/runner.ts'
import { startEngine } from '../../../src/host/start-engine.ts'
import { buildRequest } from '../../support/build-request.ts'
import { builderFor } from '../../support/image-builder.ts'

/** A second Docker engine, which keeps its images on a disk of 48 MB. */
const run = promisify(execFile)
const { signal } = new AbortController()
let folder: string
let disk: string
const at = (leaf: string) => join(folder, leaf)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-full-'))
  disk = at('disk')
  await mkdir(disk)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'devk-test', disk])
  const { images } = dockerEngine(environment())
  const env = await environmentOfDockerd()
  await startEngine({
    runner: execaRunner(env),
    env,
    stateFolder: folder,
    say: () => {},
    signal,
    answers: () =>
      images.info(signal).then(
        () => true,
        () => false,
      ),
    args: [
      ...['--host', `unix://${at('docker.sock')}`, '--pidfile', at('docker.pid'), '--exec-root', at('exec')],
      ...[
        '--data-root',
        disk,
        '--storage-driver',
        'overlay2',
        '--bridge=none',
        '--iptables=false',
        '--ip6tables=false',
      ],
    ],
  })
})

afterAll(async () => {
  const pid = Number(await readFile(at('docker.pid'), 'utf8'))
  process.kill(pid, 'SIGTERM')
  await run('tail', ['--follow', `--pid=${pid}`, '/dev/null'])
  await run('umount', [disk])
  await rm(folder, { recursive: true, force: true })
})

/**
 * An environment whose PATH has a dockerd in a network namespace of its own. In the network of this machine it would remove the
 * bridge docker0 of the first engine.
 */
async function environmentOfDockerd(): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await run('sh', ['-c', 'command -v dockerd'])
  await mkdir(at('bin'))
  await writeFile(at('bin/dockerd'), `#!/bin/sh\nexec unshare --net '${stdout.trim()}' "$@"\n`, { mode: 0o755 })
  return { ...process.env, PATH: `${at('bin')}:${process.env.PATH}` }
}

/** An environment whose Docker engine is the second one. */
const environment = () => ({ ...process.env, DOCKER_HOST: `unix://${at('docker.sock')}` })

/** Builds an image of 5 MB. */
async function build(): Promise<string> {
  const context = at('context')
  await mkdir(context, { recursive: true })
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /file\n')
  await writeFile(join(context, 'file'), Buffer.alloc(5_000_000, 'x'))
  return builderFor(environment()).build(buildRequest(context, 'devk-test/full:1'), () => {}, signal)
}

test('the first engine keeps its bridge', async () => {
  await expect(access('/sys/class/net/docker0')).resolves.toBeUndefined()
})

test('a build on a full disk reports that the disk is full, and how to free space', async () => {
  const { bavail, bsize } = await statfs(disk)
  await writeFile(join(disk, 'filler'), Buffer.alloc(bavail * bsize - 1_000_000))
  await expect(build()).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('devk-test/full:1'),
    details: expect.arrayContaining([expect.stringMatching(/no space left on device/)]),
    hint: expect.stringContaining('docker system df'),
  })
})

test('a build succeeds once there is space again', async () => {
  await rm(join(disk, 'filler'))
  expect(await build()).toMatch(/^sha256:/)
})
