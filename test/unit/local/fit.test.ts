import { expect, test } from 'vitest'
import { mismatch, type NamedProgram, wantedPaths } from '../../../src/local/fit.ts'

const glibc = '/lib64/ld-linux-x86-64.so.2'
const musl = '/lib/ld-musl-x86_64.so.1'
const server = (more: Partial<NamedProgram> = {}): NamedProgram => ({
  name: 'api/bin/server',
  os: 'linux',
  arch: 'amd64',
  interpreter: undefined,
  ...more,
})
const offered = (...paths: readonly string[]) => ({ arch: 'amd64', paths: new Set(paths) })

test('the loaders of both C libraries are asked for, and the own one', () => {
  expect(wantedPaths([server(), server({ interpreter: glibc })])).toEqual([glibc, musl])
  expect(wantedPaths([server({ arch: 'riscv64', interpreter: '/lib/ld' })])).toEqual(['/lib/ld'])
})

test.each([
  ['a static program in an image without anything', server(), offered()],
  ['a glibc program in an image with glibc', server({ interpreter: glibc }), offered(glibc)],
  ['a machine that devk does not know', server({ arch: undefined }), offered()],
])('runs: %s', (_name, program, where) => {
  expect(mismatch([program], where, undefined)).toBeUndefined()
})

test('a program of the platform that the image is built for runs, and one of the node too', () => {
  expect(mismatch([server({ arch: 'arm64' }), server()], offered(), 'arm64')).toBeUndefined()
})

test.each([
  [
    server({ arch: 'arm64' }),
    offered(),
    "api/bin/server is a program for arm64, and the container needs amd64. For Go, set build.local.env: { GOARCH: 'amd64' }",
  ],
  [
    server({ os: 'macOS', arch: undefined }),
    offered(),
    "api/bin/server is a program for macOS, and containers run Linux. For Go, set build.local.env: { GOOS: 'linux', GOARCH: 'amd64' }",
  ],
  [
    server({ interpreter: glibc }),
    offered(musl),
    `api/bin/server needs ${glibc} (glibc), and the image has no such file. The image has musl. ` +
      "For Go, set build.local.env: { CGO_ENABLED: '0' }; for Rust: --target x86_64-unknown-linux-musl makes a static " +
      'program as well.',
  ],
  [server({ interpreter: musl }), offered(glibc), /\(musl\), and the image has no such file\. It has glibc\./],
  [server({ interpreter: glibc }), offered(), /It has no C library\./],
])('a mismatch is told with the fix: %#', (program, where, message) => {
  expect(mismatch([server(), program], where, undefined)).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  )
})
