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
