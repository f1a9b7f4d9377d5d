import { expect, test } from 'vitest'
import { goIsRecent, temporaryModule } from '../../../src/kit/gomod.ts'

const upstream = {
  Go: '1.24.0',
  Replace: [
    { Old: { Path: 'example.test/a' }, New: { Path: 'example.test/fork', Version: 'v1.2.3' } },
    { Old: { Path: 'example.test/b', Version: 'v1.0.0' }, New: { Path: 'example.test/b', Version: 'v1.0.1' } },
    { Old: { Path: 'k8s.io/api' }, New: { Path: './staging/src/k8s.io/api' } },
  ],
}
const need = { module: 'example.test/program', version: 'v2.0.0' }

test('replace lines are copied, and folders of the repository only when they are published', () => {
  expect(temporaryModule('program', need, upstream)).toBe(
    `module devk.kit/program

go 1.24.0

require example.test/program v2.0.0

replace (
\texample.test/a => example.test/fork v1.2.3
\texample.test/b v1.0.0 => example.test/b v1.0.1
)
`,
  )
  expect(temporaryModule('program', need, upstream, { stagingVersion: 'v0.34.4' })).toContain(
    '\tk8s.io/api => k8s.io/api v0.34.4\n',
  )
})

test('a folder of devk wins over a replace line of the module', () => {
  const patched = [
    { module: 'example.test/a', folder: './patched-0' },
    { module: 'example.test/new', folder: './patched-1' },
  ]
  const file = temporaryModule('program', need, upstream, { patched })
  expect(file).toContain('\texample.test/a => ./patched-0\n\texample.test/new => ./patched-1\n')
  expect(file).not.toContain('example.test/fork')
})

test('a module without replace lines gets no replace block', () => {
  expect(temporaryModule('program', need, {})).not.toContain('replace')
})

test.each([
  ['go version go1.26.8 linux/amd64', true],
  ['go version go1.24rc1 linux/amd64', true],
  ['go version go1.19.8 linux/amd64', false],
  ['go version devel', false],
])('Go version %s is recent enough: %s', (output, recent) => {
  expect(goIsRecent(output)).toBe(recent)
})
