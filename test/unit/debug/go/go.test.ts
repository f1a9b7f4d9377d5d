import { expect, test } from 'vitest'
import { goDebugger } from '../../../../src/debug/go/go.ts'
import { findGo } from '../../../../src/debug/go/program.ts'
import { isPlain, parseGoReport } from '../../../../src/debug/go/report.ts'
import type { Place, RunProgram } from '../../../../src/debug/in-container.ts'
import { sourceMapping } from '../../../../src/debug/mapping.ts'
import type { Container, PodTemplate } from '../../../../src/manifests/workload.ts'

const place: Place = { pod: { namespace: 'shop', name: 'api-1' }, container: 'api' }
const never = new AbortController().signal
const go = Buffer.from('\x7fELF…\xff Go buildinf:…', 'latin1')
const c = Buffer.from('\x7fELF…', 'latin1')

/** An image with these files. */
const image = (files: Readonly<Record<string, Buffer>>, entrypoint: string[], command: string[] = []) => ({
  ...{ entrypoint, command, path: ['/usr/bin', '/bin'], workingDir: '/srv' },
  read: async (path: string) => files[path],
})

test.each<
  [string, ReturnType<typeof image>, Partial<Container> & { workingDir?: string }, [string[], number] | undefined]
>([
  ['in the entry point', image({ '/api': go }, ['/api'], ['serve']), {}, [['/api', 'serve'], 0]],
  ['in PATH', image({ '/bin/api': go, '/srv/api': c }, ['api']), {}, [['api'], 0]],
  ['in the working directory', image({ '/srv/api': go }, ['./api']), {}, [['./api'], 0]],
  ['in that of the container', image({ '/app/api': go }, ['./api']), { workingDir: '/app' }, [['./api'], 0]],
  ['behind an init', image({ '/tini': c, '/api': go }, ['/tini', '--'], ['/api']), {}, [['/tini', '--', '/api'], 2]],
  [
    'in the command of the manifest',
    image({ '/api': go }, ['/other']),
    { command: ['/api'], args: ['$(A)'] },
    [['/api', '$(A)'], 0],
  ],
  ['with a dollar of the image', image({ '/api': go }, ['/api', '$A']), {}, [['/api', '$$A'], 0]],
  [
    'behind the supervisor',
    image({ '/bin/api': go }, []),
    { command: ['/.devk/agent', 'supervise', '/.devk/socket', 'api'] },
    [['/.devk/agent', 'supervise', '/.devk/socket', 'api'], 3],
  ],
  ['nowhere: the program is not in Go', image({ '/api': c }, ['/api']), {}, undefined],
  ['nowhere: the program is not in the image', image({}, ['/api', 'api']), {}, undefined],
  [
    'nowhere: a word is only looked for in PATH at the begin',
    image({ '/bin/sh': c, '/bin/api': go }, ['sh', 'api']),
    {},
    undefined,
  ],
])('a program in Go is found %s', async (_where, from, container, expected) => {
  const found = await findGo(from, container)
  expect(found && [found.words, found.at]).toEqual(expected)
})

const debug = goDebugger({ words: ['/tini', '--', '/api', 'serve'], at: 2 }, async () => 'registry/shop/devk-delve:1')
const workload = (spec: PodTemplate['spec']) => {
  const template = { spec }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, spec: { template } }
}

test('pods get Delve in a volume, and the container starts its program with it', async () => {
  const spec: PodTemplate['spec'] = { containers: [{ name: 'api', args: ['serve'] }, { name: 'proxy' }] }
  expect(debug.isPrepared(workload(spec), 'api')).toBe(false)
  await debug.before?.(never)
  debug.prepare?.({ spec }, 'api')
  expect(spec.initContainers).toEqual([
    expect.objectContaining({
      image: 'registry/shop/devk-delve:1',
      command: ['/delve', 'install', '/.devk-debug'],
      securityContext: expect.objectContaining({ readOnlyRootFilesystem: true, runAsNonRoot: true }),
    }),
  ])
  expect(spec.volumes).toEqual([{ name: 'devk-delve', emptyDir: {} }])
  expect(spec.containers).toEqual([
    {
      name: 'api',
      command: ['/tini', '--', '/.devk-debug/delve', 'run', '127.0.0.1:2345', '/api', 'serve'],
      volumeMounts: [{ name: 'devk-delve', mountPath: '/.devk-debug', readOnly: true }],
    },
    { name: 'proxy' },
  ])
  expect(debug.isPrepared(workload(spec), 'api')).toBe(true)
})

const report = {
  pid: 7,
  argv: ['/api', 'serve'],
  cwd: '/srv',
  go: 'go1.26.1',
  flags: 'all=-N -l',
  symbols: true,
  main: '/src/main.go',
}
const saying =
  (value: object): RunProgram =>
  async (_place, [program]) =>
    program === '/.devk-debug/delve' ? { exitCode: 0, output: `devk:${JSON.stringify(value)}\n` } : undefined

test('the debugger is open when Delve traces the program', async () => {
  expect(await debug.open(saying(report), place, never)).toEqual({
    ...{
      port: 2345,
      own: false,
      cwd: '/srv',
      text: 'Go 1.26.1, process 7: /api serve',
      main: '/src/main.go',
      notes: [],
    },
  })
})

test('a program without debug information is an error, and an optimised one has a note, both with the flags', async () => {
  await expect(debug.open(saying({ ...report, symbols: false }), place, never)).rejects.toMatchObject({
    code: 'DEBUG_UNAVAILABLE',
    hint: expect.stringContaining("-gcflags='all=-N -l'"),
  })
  const { notes } = await debug.open(saying({ ...report, flags: '' }), place, never)
  expect(notes).toEqual([expect.stringContaining("-gcflags='all=-N -l'")])
})

test.each([
  ['all=-N -l', true],
  ['-N -l', true],
  ['all=-l -N', true],
  ['-N', false],
  ['', false],
  ['-m -live', false],
])('the flags %j of the compiler leave the program as it was written: %s', (flags, expected) => {
  expect(isPlain({ flags })).toBe(expected)
})

test('what is no report is none', () => {
  expect([parseGoReport(''), parseGoReport('devk:{'), parseGoReport('devk:{}')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test.each([
  ['/src/cmd/api/main.go', 'api', ['api/cmd/api/main.go', 'api/main.go'], [{ local: 'api', remote: '/src' }]],
  ['example.com/api/main.go', 'api', ['api/main.go'], [{ local: 'api', remote: 'example.com/api' }]],
  ['/main.go', '.', ['main.go'], [{ local: '.', remote: '/' }]],
  ['/src/main.go', 'api', [], []],
])('sources that the compiler saw as %s are those of %s', async (main, context, files, expected) => {
  expect(await sourceMapping(main, context, async (path) => files.includes(path))).toEqual(expected)
})
