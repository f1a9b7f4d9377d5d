import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { jvmVersion, parseVersion } from '../../../../src/debug/jvm/jdwp.ts'
import { jvmDebugger, runsJvm } from '../../../../src/debug/jvm/jvm.ts'
import type { Container, PodTemplate } from '../../../../src/manifests/workload.ts'

const never = new AbortController().signal
const place = { pod: { namespace: 'shop', name: 'api-1' }, container: 'api' }
const options = '-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:5005'
const refused = () => Promise.reject(new Error('connection refused'))

test.each<[string[], string[], Record<string, string>, boolean]>([
  [['java', '-jar', 'app.jar'], [], {}, true],
  [['/opt/java/openjdk/bin/java'], ['-jar', 'app.jar'], {}, true],
  [['sh', '-c', 'exec java $OPTS -jar app.jar'], [], {}, true],
  [['/app/bin/start'], [], { JAVA_HOME: '/opt/java' }, true],
  [['node', 'java.js'], [], {}, false],
  [['/app/javascript'], [], {}, false],
])('an image with the entry point %j, the command %j and %j runs a JVM: %j', (entrypoint, command, env, expected) => {
  expect(runsJvm({ entrypoint, command, env }, {})).toBe(expected)
})

const prepared = (main: Partial<Container>, ofImage: Record<string, string> = {}) => {
  const spec: PodTemplate['spec'] = { containers: [{ name: 'api', ...main }] }
  const debug = jvmDebugger({ env: ofImage }, refused)
  debug.prepare?.({ spec }, 'api')
  const workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api' },
    spec: { template: { spec } },
  }
  expect(debug.isPrepared(workload, 'api')).toBe(true)
  return spec.containers[0]?.env
}

test('the options of the session stand before those of the container, and those of the container replace the image', () => {
  expect(prepared({})).toEqual([{ name: 'JAVA_TOOL_OPTIONS', value: options }])
  const image = { JAVA_TOOL_OPTIONS: '-Xmx1g $A' }
  expect(prepared({}, image)).toEqual([{ name: 'JAVA_TOOL_OPTIONS', value: `${options} -Xmx1g $$A` }])
  const env = [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx2g' }]
  expect(prepared({ env }, image)).toEqual([{ name: 'JAVA_TOOL_OPTIONS', value: `${options} -Xmx2g` }])
  const valueFrom = { configMapKeyRef: { name: 'java', key: 'options' } }
  expect(prepared({ env: [{ name: 'JAVA_TOOL_OPTIONS', valueFrom }] })).toEqual([
    { name: 'DEVK_JAVA_TOOL_OPTIONS', valueFrom },
    { name: 'JAVA_TOOL_OPTIONS', value: `${options} $(DEVK_JAVA_TOOL_OPTIONS)` },
  ])
})

/** The other end of a connection, which answers with these bytes. */
function answering(...chunks: Buffer[]): Duplex {
  const stream: Duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  for (const chunk of chunks) stream.push(chunk)
  stream.push(null)
  return stream
}
const text = (value: string) => Buffer.concat([Buffer.from([0, 0, 0, value.length]), Buffer.from(value)])
const data = Buffer.concat([text('about'), Buffer.alloc(8), text('21.0.4'), text('a VM')])
const packet = (flags: number, content: Buffer) =>
  Buffer.concat([Buffer.from([0, 0, 0, 11 + content.length, 0, 0, 0, 1, flags, 0, 0]), content])

test('the version is read from the reply, behind an event and in any pieces', async () => {
  const bytes = Buffer.concat([Buffer.from('JDWP-Handshake'), packet(0, Buffer.from('event')), packet(0x80, data)])
  const pieces = [...bytes].map((byte) => Buffer.from([byte]))
  expect(await jvmVersion(answering(...pieces), never)).toEqual({ version: '21.0.4', name: 'a VM' })
})

test('another program behind the port, and half an answer, are no JVM', async () => {
  expect(await jvmVersion(answering(Buffer.from('HTTP/1.1 400 Bad Request')), never)).toBeUndefined()
  expect(await jvmVersion(answering(Buffer.from('JDWP-Handshake')), never)).toBeUndefined()
  expect(await jvmVersion(answering(), never)).toBeUndefined()
  expect(parseVersion(data.subarray(0, 20))).toBeUndefined()
})

test('a wait for the debugger ends with the signal', async () => {
  const stop = new AbortController()
  const opening = jvmDebugger({ env: {} }, refused).open(async () => undefined, place, stop.signal)
  stop.abort(new Error('over'))
  await expect(opening).rejects.toThrow()
})
