import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { copyFrom, copyTo } from '../../../src/copy/copy.ts'
import { DevkError } from '../../../src/errors.ts'
import type { SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'
import { failure, folder } from '../config/support.ts'

const target = { service: 'web', pod: { namespace: 'n', name: 'web-1' }, container: 'main' } as SyncTarget
const never = new AbortController().signal
const remote = (path: string, isFolder = false) => ({ service: 'web', path, isFolder })

/** A container whose programs run here: its paths are those of this machine. */
function setUp(files: Record<string, string> = {}) {
  const root = folder({ 'there/x': '', ...files })
  const sent: SyncFile[] = []
  const state = { gone: false, refused: undefined as DevkError | undefined }
  const deps = {
    target,
    cwd: root,
    streams: {
      async exec(_pod: object, argv: readonly string[], { stdout, stderr }: { stdout: Writable; stderr: Writable }) {
        const [program = '', ...args] = argv
        const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
        child.stdout.pipe(stdout, { end: false })
        child.stderr.pipe(stderr, { end: false })
        const [code] = await once(child, 'close')
        return code as number
      },
    } as never,
    syncer: {
      async send(_target: SyncTarget, all: readonly SyncFile[]) {
        if (state.refused) throw state.refused
        if (state.gone) return 'gone' as const
        sent.push(...all)
        return { files: all.length, bytes: 0, ms: 0 }
      },
    },
  }
  return { root, deps, sent, state }
}

test('a file comes under the name that is asked for, or into a folder that is there', async () => {
  const { root, deps } = setUp({ 'there/-report.csv': 'a,b', 'here/old': '' })
  const path = join(root, 'there/-report.csv')
  expect(await copyFrom(deps, remote(path), 'new.csv', never)).toEqual({
    files: 1,
    bytes: 3,
    skipped: [],
    to: join(root, 'new.csv'),
  })
  expect((await copyFrom(deps, remote(path), 'here', never)).to).toBe(join(root, 'here/-report.csv'))
  expect(readFileSync(join(root, 'here/-report.csv'), 'utf8')).toBe('a,b')
})

test('a folder comes with what is below, and links are left out and said', async () => {
  const { root, deps } = setUp({ 'there/app/a/b.txt': 'b' })
  symlinkSync('/etc/passwd', join(root, 'there/app/passwd'))
  const { files, skipped } = await copyFrom(deps, remote(join(root, 'there/app')), 'app', never)
  expect([files, skipped]).toEqual([1, [expect.stringContaining('passwd is a link')]])
  expect(readFileSync(join(root, 'app/a/b.txt'), 'utf8')).toBe('b')
})

test('what is not there, a link alone, and a folder that does not exist here are failures', async () => {
  const { root, deps } = setUp()
  symlinkSync('x', join(root, 'there/link'))
  const missing = await failure(copyFrom(deps, remote(join(root, 'there/no')), '.', never))
  expect([missing.code, missing.exitCode, missing.details.join()]).toEqual([
    'COPY_FAILED',
    1,
    expect.stringContaining('No such file'),
  ])
  expect(await failure(copyFrom(deps, remote(join(root, 'there/link')), '.', never))).toMatchObject({
    code: 'COPY_FAILED',
    hint: expect.stringContaining('Of a link'),
  })
  for (const local of ['no/such/file', 'no/']) {
    expect((await failure(copyFrom(deps, remote(join(root, 'there/x')), local, never))).code).toBe('USAGE')
  }
})

test('an image without tar is said', async () => {
  const { deps } = setUp()
  const without = { ...deps, streams: { exec: async () => 127 } as never }
  const { code, hint } = await failure(copyFrom(without, remote('/x'), '.', never))
  expect([code, hint]).toEqual(['COPY_FAILED', expect.stringContaining('has no tar')])
})

test('files go to the name that is asked for, or into a folder that is there or named with a slash', async () => {
  const { root, deps, sent } = setUp({ 'a.txt': 'abc' })
  const to = async (path: string, isFolder = false) => (await copyTo(deps, 'a.txt', remote(path, isFolder), never)).to
  expect(await to('/no/such/b.txt')).toBe('/no/such/b.txt')
  expect(await to('/no/such', true)).toBe('/no/such/a.txt')
  expect(await to(join(root, 'there'))).toBe(join(root, 'there/a.txt'))
  expect(sent[0]).toEqual({ kind: 'write', from: join(root, 'a.txt'), to: '/no/such/b.txt' })
})

test('of a folder all files go, links as links, and what is no file is left out', async () => {
  const { root, deps, sent } = setUp({ 'app/a': '1', 'app/b/c': '22' })
  symlinkSync('a', join(root, 'app/link'))
  const { files, bytes } = await copyTo(deps, 'app', remote('/srv/app'), never)
  expect([files, bytes]).toEqual([3, 3])
  expect(sent.map(({ to }) => to).sort()).toEqual(['/srv/app/a', '/srv/app/b/c', '/srv/app/link'])
})

test('what cannot be sent is a failure, without hints for syncs', async () => {
  const { root, deps, state } = setUp({ 'a.txt': '' })
  mkdirSync(join(root, 'empty'))
  writeFileSync(join(root, 'b'), '')
  expect((await failure(copyTo(deps, 'no', remote('/x'), never))).code).toBe('USAGE')
  state.refused = new DevkError('SYNC_FAILED', 'read-only', { details: ['/x: no'], hint: 'remove `sync`' })
  const { code, details, hint } = await failure(copyTo(deps, 'a.txt', remote('/x'), never))
  expect([code, details, hint]).toEqual(['COPY_FAILED', ['/x: no'], undefined])
  state.refused = undefined
  state.gone = true
  expect((await failure(copyTo(deps, 'a.txt', remote('/x'), never))).message).toContain('has stopped')
})
