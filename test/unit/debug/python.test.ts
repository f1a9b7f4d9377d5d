import { expect, test } from 'vitest'
import { debuggerFor } from '../../../src/debug/detect.ts'
import { feeder } from '../../../src/debug/feeder.ts'
import type { Place, RunProgram } from '../../../src/debug/in-container.ts'
import { requireJetbrains } from '../../../src/debug/jetbrains.ts'
import { debugpyContainer, pythonDebugger } from '../../../src/debug/python.ts'
import { vscodeEntry } from '../../../src/debug/vscode.ts'
import type { Pod } from '../../../src/kube/pod.ts'
import type { Container, PodTemplate } from '../../../src/manifests/workload.ts'

const place: Place = { pod: { namespace: 'shop', name: 'api-1' }, container: 'api' }
const never = new AbortController().signal
const wheel = async () => Buffer.from('wheel')
const sources = { debugpy: wheel, ofImage: async () => undefined }
const debug = pythonDebugger('python3', wheel)
const prepared = (main: Partial<Container>, more: Partial<PodTemplate['spec']> = {}) => {
  const spec = { containers: [{ name: 'api', image: 'api:1', ...main }, { name: 'proxy' }], ...more }
  const template: PodTemplate = { spec }
  debug.prepare?.(template, 'api')
  return template.spec
}
/** A container that has these programs, and what they print. */
const container =
  (outputs: Readonly<Record<string, string>>): RunProgram =>
  async (_place, [program = '']) => {
    const output = outputs[program]
    return output === undefined ? undefined : { exitCode: 0, output }
  }
const report = (ports: readonly number[]) =>
  `devk:${JSON.stringify({ version: '3.12.1', processes: [{ pid: 7, argv: ['python', 'app.py'], cwd: '/app' }], ports })}\n`

test('an init container in the image of the service receives debugpy, with its user and its limits', () => {
  const limits = { securityContext: { runAsUser: 7 }, resources: { limits: { memory: '64Mi' } } }
  const spec = prepared({ ...limits, imagePullPolicy: 'IfNotPresent', volumeMounts: [{ name: 'data' }] })
  const mount = { name: 'devk-debug', mountPath: '/.devk-debug' }
  expect(spec.volumes).toEqual([{ name: 'devk-debug', emptyDir: {} }])
  expect(spec.initContainers).toEqual([
    expect.objectContaining({ ...limits, name: debugpyContainer, image: 'api:1', imagePullPolicy: 'IfNotPresent' }),
  ])
  expect(spec.initContainers?.[0]?.command?.slice(0, 2)).toEqual(['python3', '-c'])
  expect(spec.containers[0]?.volumeMounts).toEqual([{ name: 'data' }, mount])
  expect(spec.containers[1]).toEqual({ name: 'proxy' })
})

test('the PYTHONPATH of the manifests stays behind that of the session', () => {
  const env = [
    { name: 'PYTHONPATH', value: '/lib:/more' },
    { name: 'A', value: 'b' },
  ]
  expect(prepared({ env }).containers[0]?.env).toEqual([
    { name: 'A', value: 'b' },
    { name: 'PYTHONPATH', value: '/.devk-debug/start:/lib:/more' },
  ])
  const valueFrom = { configMapKeyRef: { name: 'paths', key: 'python' } }
  expect(prepared({ env: [{ name: 'PYTHONPATH', valueFrom }] }).containers[0]?.env).toEqual([
    { name: 'DEVK_PYTHONPATH', valueFrom },
    { name: 'PYTHONPATH', value: '/.devk-debug/start:$(DEVK_PYTHONPATH)' },
  ])
  expect(prepared({}).containers[0]?.env).toEqual([{ name: 'PYTHONPATH', value: '/.devk-debug/start' }])
})

test('only a workload with the init container is prepared', () => {
  const workload = (spec: object) => {
    const template = { spec }
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, spec: { template } }
  }
  expect(debug.isPrepared(workload({ containers: [{ name: 'api' }] }), 'api')).toBe(false)
  expect(debug.isPrepared(workload(prepared({})), 'api')).toBe(true)
  expect(debug.isPrepared(workload(prepared({ livenessProbe: {} })), 'api')).toBe(false)
})

test('a Python process is found where no Node process runs, and debugpy is open once something listens', async () => {
  const run = container({ node: 'devk:{"version":"v22.0.0","processes":[]}', python: report([80, 5678]) })
  const found = await debuggerFor(run, place, sources, never)
  expect(found).toMatchObject({ runtime: 'python', defaultPort: 5678 })
  expect(await found.open(run, place, never)).toEqual({
    ...{ port: 5678, own: false, cwd: '/app', text: 'Python 3.12.1, process 7: python app.py' },
  })
  await expect(debuggerFor(container({ python: 'SyntaxError' }), place, sources, never)).rejects.toMatchObject({
    details: expect.arrayContaining([expect.stringContaining('Python 3')]),
  })
})

test('each new pod gets debugpy once, and again when that has failed', async () => {
  const waiting = (name: string, state: object): Pod => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', uid: name } },
    status: { initContainerStatuses: [{ name: debugpyContainer, state }] },
  })
  const [stop, fed] = [new AbortController(), [] as string[]]
  let fails = true
  const run: RunProgram = async ({ pod, container: into }, argv, _signal, stdin) => {
    fed.push(`${pod.name}/${into} ${argv.slice(0, 2).join(' ')} ${await stdin?.toArray()}`)
    if (fed.length === 3) stop.abort()
    fails = !fails
    return { exitCode: fails ? 0 : 1, output: 'no space left' }
  }
  const pods = async () => [
    waiting('old', { terminated: {} }),
    waiting('one', { running: {} }),
    waiting('two', { running: {} }),
  ]
  const feeding = feeder({ debug, run, pods, container: 'api' }, stop.signal)
  feeding.start()
  feeding.start()
  await expect.poll(() => fed.length, { timeout: 5000 }).toBe(3)
  const line = (pod: string) => `${pod}/${debugpyContainer} python3 -c wheel`
  expect(fed).toEqual([line('one'), line('two'), line('one')])
  await expect
    .poll(() => feeding.problems())
    .toEqual([expect.stringContaining('Pod one: debugpy could not be unpacked')])
})

test('VS Code gets every path mapping, and PyCharm has no way to attach', () => {
  const mappings = [
    { local: '.', remote: '/app' },
    { local: 'lib', remote: '/lib' },
  ]
  expect(vscodeEntry({ service: 'api', runtime: 'python', port: 5678, mappings })).toEqual({
    ...{ name: 'devk: api', type: 'debugpy', request: 'attach', connect: { host: '127.0.0.1', port: 5678 } },
    pathMappings: [
      { localRoot: `\${workspaceFolder}`, remoteRoot: '/app' },
      { localRoot: `\${workspaceFolder}/lib`, remoteRoot: '/lib' },
    ],
  })
  expect(() => requireJetbrains('python')).toThrow(expect.objectContaining({ code: 'USAGE' }))
  requireJetbrains('node')
})
