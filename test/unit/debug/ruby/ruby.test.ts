import { expect, test } from 'vitest'
import { debuggerFor } from '../../../../src/debug/detect.ts'
import type { Place, RunProgram } from '../../../../src/debug/in-container.ts'
import { canJetbrains, requireJetbrains } from '../../../../src/debug/jetbrains.ts'
import { type RubyProcess, rubyDebugger, serviceProcess } from '../../../../src/debug/ruby/ruby.ts'
import { hookScript, listScript } from '../../../../src/debug/ruby/scripts.ts'
import { vscodeEntry } from '../../../../src/debug/vscode.ts'
import { annotations } from '../../../../src/lib/keys.ts'
import type { Container, PodTemplate } from '../../../../src/manifests/workload.ts'

const place: Place = { pod: { namespace: 'shop', name: 'api-1' }, container: 'api' }
const never = new AbortController().signal
const sources = { debugpy: async () => Buffer.from(''), ofImage: async () => undefined }
const option = '-r/.devk-debug/ruby.rb'
const found = { program: 'ruby', version: '3.3.1', options: '', gem: '1.9.2', old: false }

const prepared = (main: Partial<Container>, options = '', metadata: PodTemplate['metadata'] = {}) => {
  const template: PodTemplate = { metadata, spec: { containers: [{ name: 'api', ...main }, { name: 'proxy' }] } }
  rubyDebugger({ ...found, options }).prepare?.(template, 'api')
  return template
}
const workload = (template: PodTemplate) => {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, spec: { template } }
}

test('an annotation of the pods is the file that each Ruby process loads, in a volume that cannot be written', () => {
  const { metadata, spec } = prepared({ volumeMounts: [{ name: 'data' }] }, '', { annotations: { a: 'b' } })
  expect(metadata?.annotations).toEqual({ a: 'b', [annotations.rubyDebugger]: hookScript })
  const fieldRef = { fieldPath: "metadata.annotations['devk.dev/ruby-debugger']" }
  expect(spec.volumes).toEqual([{ name: 'devk-debug', downwardAPI: { items: [{ path: 'ruby.rb', fieldRef }] } }])
  const mount = { name: 'devk-debug', mountPath: '/.devk-debug', readOnly: true }
  expect(spec.containers[0]?.volumeMounts).toEqual([{ name: 'data' }, mount])
  expect(spec.containers[1]).toEqual({ name: 'proxy' })
})

test('the RUBYOPT of the manifests stays, or else that of the image', () => {
  const of = (env: Container['env'], options: string) => prepared(env ? { env } : {}, options).spec.containers[0]?.env
  expect(of(undefined, '')).toEqual([{ name: 'RUBYOPT', value: option }])
  expect(of(undefined, '-W0 $x')).toEqual([{ name: 'RUBYOPT', value: `${option} -W0 $$x` }])
  expect(of([{ name: 'RUBYOPT', value: '--yjit' }], '-W0')).toEqual([{ name: 'RUBYOPT', value: `${option} --yjit` }])
  // A session that was killed has left its option in the container that says this.
  expect(of(undefined, `${option} -W0`)).toEqual([{ name: 'RUBYOPT', value: `${option} -W0` }])
})

test('only pods that load this file, and have no probe that restarts them, are prepared', () => {
  const { isPrepared } = rubyDebugger(found)
  expect(isPrepared(workload({ spec: { containers: [{ name: 'api' }] } }), 'api')).toBe(false)
  expect(isPrepared(workload(prepared({})), 'api')).toBe(true)
  expect(isPrepared(workload(prepared({ livenessProbe: {} })), 'api')).toBe(false)
  const other = prepared({})
  other.metadata = { annotations: { [annotations.rubyDebugger]: 'of another devk' } }
  expect(isPrepared(workload(other), 'api')).toBe(false)
})

const ruby = (pid: number, parent: number, listens: number[] = [], waits = true): RubyProcess => {
  return { pid, parent, argv: ['ruby', 'main.rb'], cwd: '/app', waits, listens }
}

test.each<[string, RubyProcess[], number]>([
  ['the only one', [ruby(1, 0)], 1],
  [
    'the first worker of two, whose parent has the same socket',
    [ruby(1, 0, [80]), ruby(9, 1, [80]), ruby(8, 1, [80])],
    8,
  ],
  [
    'the server that foreman has started, not what it has started beside',
    [ruby(1, 0), ruby(9, 1, [80]), ruby(8, 1)],
    9,
  ],
  ['one that listens, not one whose debugger does', [ruby(3, 0, [12_345]), ruby(9, 0, [80])], 9],
  ['one that works and does not listen', [ruby(1, 0), ruby(9, 1)], 9],
])('the process of the service is %s', (_name, processes, pid) => {
  expect(serviceProcess(processes)?.pid).toBe(pid)
})

/** A container with Ruby, whose processes are these at each look. */
function container(looks: RubyProcess[][], more: object = {}) {
  const asked: string[] = []
  const run: RunProgram = async (_place, [program = '', ...args]) => {
    if (program !== 'ruby') return undefined
    asked.push(args.join(' ').replace(listScript, 'LIST'))
    const [processes] = looks.length > 1 ? looks.splice(0, 1) : looks
    return { exitCode: 0, output: `warning\ndevk:${JSON.stringify({ ...found, ...more, processes })}\n` }
  }
  return { run, asked }
}

test('a Ruby process is found, and is asked to open its debugger once it can', async () => {
  const [before, after] = [ruby(9, 1, [80]), ruby(9, 1, [80, 12_345], false)]
  const { run, asked } = container([[before], [ruby(9, 1, [], false)], [before], [after], [after]])
  const debug = await debuggerFor(run, place, sources, never)
  expect(debug).toMatchObject({ runtime: 'ruby', defaultPort: 12_345 })
  await debug.before?.(never)
  const opened = { port: 12_345, own: false, cwd: '/app', text: 'Ruby 3.3.1, process 9: ruby main.rb' }
  expect(await debug.open(run, place, never)).toEqual(opened)
  // With the next connection it is open already.
  expect(await debug.open(run, place, never)).toEqual(opened)
  const look = '--disable=rubyopt -e LIST'
  expect(asked).toEqual([look, look, look, `${look} 9`, look])
})

test('of processes with the port of the debugger, the one that has started the others is told', async () => {
  const { run } = container([[ruby(20, 9, [12_345]), ruby(9, 1, [12_345], false)]])
  expect(await rubyDebugger(found).open(run, place, never)).toMatchObject({
    text: expect.stringContaining('process 9:'),
  })
})

test('an image with Ruby that runs another program, or with a Ruby that cannot answer, is none in Ruby', async () => {
  for (const { run } of [container([[]]), { run: (async () => ({ exitCode: 1, output: 'oh' })) as RunProgram }]) {
    const looked = debuggerFor(
      async (...all) => (all[1][0] === 'ruby' ? run(...all) : undefined),
      place,
      sources,
      never,
    )
    await expect(looked).rejects.toMatchObject({
      code: 'DEBUG_UNAVAILABLE',
      details: expect.arrayContaining([expect.stringContaining('Ruby: a process of ruby, ')]),
    })
  }
})

test.each([
  [null, 'has no gem debug'],
  ['1.4.0', 'has only the gem debug 1.4.0'],
])('a container with the gem debug %s is refused before anything changes, with the fix', async (gem, why) => {
  const { run } = container([[ruby(1, 0)]], { gem, old: true, version: '3.1.2' })
  const debug = await debuggerFor(run, place, sources, never)
  await expect(debug.before?.(never)).rejects.toMatchObject({
    code: 'DEBUG_UNAVAILABLE',
    message: `The container ${why}, and devk needs 1.9 or newer`,
    details: ['Its Ruby: 3.1.2', 'Nothing was changed.'],
    hint: expect.stringContaining("gem 'debug', '>= 1.9'"),
  })
})

test('VS Code gets every path mapping and does not stop the program, and RubyMine has no way to attach', () => {
  const mappings = [
    { local: '.', remote: '/app' },
    { local: 'lib', remote: '/lib' },
  ]
  const entry = { name: 'devk: api', type: 'rdbg', request: 'attach', debugPort: '127.0.0.1:12345', nonstop: true }
  const about = { service: 'api', runtime: 'ruby', port: 12_345 } as const
  expect(vscodeEntry({ ...about, mappings })).toEqual({
    ...entry,
    localfsMap: `/app:\${workspaceFolder},/lib:\${workspaceFolder}/lib`,
  })
  expect(vscodeEntry({ ...about, mappings: [] })).toEqual(entry)
  expect(canJetbrains('ruby')).toBe(false)
  expect(() => requireJetbrains('ruby')).toThrow(expect.objectContaining({ code: 'USAGE' }))
})
