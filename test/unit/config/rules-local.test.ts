import { expect, test } from 'vitest'
import { check } from './rules-support.ts'

const local = { command: ['go', 'build'], outputs: [{ from: 'api/bin/server', to: '/app/server' }] }
const at = 'services.api.build.local'

test.each([
  ['nothing wrong, although the output is not there yet', local, []],
  ['a shell string', { ...local, command: 'go build' }, [expect.stringContaining(`${at}.command`)]],
  ['no program', { ...local, command: [''] }, [`${at}.command[0]: must name a program`]],
  ['no outputs', { ...local, outputs: [] }, [expect.stringContaining(`${at}.outputs`)]],
  [
    'an output around the sources',
    { ...local, outputs: [{ from: '.', to: '/app' }] },
    [`${at}.outputs[0].from: . contains the build context api; name a file or folder that holds nothing but outputs`],
  ],
  [
    'a relative place in the container',
    { ...local, outputs: [{ from: 'api/bin', to: 'app' }] },
    [`${at}.outputs[0].to: must be an absolute path in the container, got "app"`],
  ],
  [
    'a place with ..',
    { ...local, outputs: [{ from: 'api/bin', to: '/app/../etc' }] },
    [`${at}.outputs[0].to: must be an absolute path in the container, got "/app/../etc"`],
  ],
  ['a pattern', { ...local, watch: ['**/*.go', '[a'] }, [expect.stringContaining(`${at}.watch[1]: the pattern "[a"`)]],
  ['a time', { ...local, timeout: '0s' }, [`${at}.timeout: must look like 90s or 10m, got "0s"`]],
])('build.local is checked: %s', (_name, given, problems) => {
  expect(check({ services: { api: { build: { context: 'api', local: given as typeof local } } } })).toEqual(problems)
})

test('a sync rule for an output is reported, and externals are not compiled here', () => {
  const outputs = [{ from: 'api/src', to: '/s' }]
  const build = { context: 'api', local: { ...local, outputs } }
  expect(check({ services: { api: { build, sync: [{ from: 'api/src', to: '/s' }] } } })).toEqual([
    'services.api.sync[0].from: api/src is an output of build.local, which sends it; remove this rule',
  ])
  expect(check({ externals: { x: { build, port: 1 } as object as { port: number } } })).toEqual([
    expect.stringContaining('local'),
  ])
})

test.each([
  ['nothing wrong', { command: ['ko', 'build'], env: { KO_DATA_PATH: 'x' }, watch: ['**/*.go'], timeout: '5m' }, []],
  ['a shell string', { command: 'ko build' }, [expect.stringContaining('services.api.build.command')]],
  ['no program', { command: [''] }, ['services.api.build.command[0]: must name a program']],
  [
    'what only Dockerfiles have',
    { command: ['make'], target: 'dev' },
    ['services.api.build.target: has no effect: `command` makes the image; remove it, or give it to the command'],
  ],
  [
    'what only commands have',
    { watch: ['*.go'] },
    ['services.api.build.watch: has no effect without `command`; remove it'],
  ],
  ['a pattern', { command: ['make'], watch: ['[a'] }, [expect.stringContaining('build.watch[0]: the pattern "[a"')]],
  [
    'a variable',
    { command: ['make'], env: { 'A=B': '' } },
    ['services.api.build.env["A=B"]: is no name of an environment variable'],
  ],
])('build.command is checked, and needs no Dockerfile: %s', (_name, more, problems) => {
  // This folder has no Dockerfile.
  const build = { context: 'command' in more ? 'api/src' : 'api', ...more }
  expect(check({ services: { api: { build: build as { context: string } } } })).toEqual(problems)
})
