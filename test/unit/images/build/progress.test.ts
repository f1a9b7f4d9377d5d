import { expect, test } from 'vitest'
import { buildProgress, stepLine } from '../../../../src/images/build/progress.ts'
import { decodeTrace, rawJsonReader, type SolveStatus, type Vertex } from '../../../../src/images/build/solve-status.ts'

const vertex = (changes: Partial<Vertex>): Vertex => ({
  digest: 'sha256:a',
  name: '[2/3] RUN npm ci',
  started: true,
  completed: false,
  cached: false,
  error: '',
  ...changes,
})

test.each([
  ['[build 3/5] RUN npm ci  &&   x', 'step 3/5 npm ci && x'],
  ['[2/2] COPY . .', 'step 2/2 COPY . .'],
  ['[internal] load metadata for docker.io/library/node', undefined],
  ['exporting to image', undefined],
])('the step %s is shown as %s', (name, line) => {
  expect(stepLine(name)).toBe(line)
})

test('a step is reported once, and its output only when it fails', () => {
  const lines: string[] = []
  const progress = buildProgress('app:1', 'FROM x\nRUN npm ci\n', (line) => lines.push(line))
  progress.add({ vertexes: [vertex({}), vertex({ digest: 'b', name: '[3/3] COPY a b', cached: true })], logs: [] })
  progress.add({ vertexes: [vertex({})], logs: [{ vertex: 'sha256:a', text: 'ten\n\u001b[31mold\rnew\u001b[0m\n\n' }] })
  expect(lines).toEqual(['step 2/3 npm ci', 'step 3/3 COPY a b (cached)'])
  progress.add({ vertexes: [vertex({ digest: 'b', error: 'x: context canceled' })], logs: [] })
  progress.add({ vertexes: [vertex({ error: 'exit code: 1' })], logs: [] })
  expect(progress.failure('failed to solve: exit code: 1')).toMatchObject({
    code: 'BUILD_FAILED',
    message: 'Building app:1 failed at step 2/3 npm ci (Dockerfile line 2)',
    details: ['ten', 'new', 'exit code: 1'],
  })
})

test('only the last 15 lines of a failed step are kept', () => {
  const progress = buildProgress('app:1', '', () => {})
  const text = Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join('')
  progress.add({ vertexes: [vertex({ error: 'bad' })], logs: [{ vertex: 'sha256:a', text }] })
  const { details } = progress.failure('')
  expect(details).toHaveLength(16)
  expect(details[0]).toBe('line 25')
})

test('JSON of buildx is read on one line and on many, and other lines are passed on', () => {
  const found: SolveStatus[] = []
  const others: string[] = []
  const read = rawJsonReader(
    (status) => found.push(status),
    (line) => others.push(line),
  )
  const status = { vertexes: [{ digest: 'a', name: 'n', started: 't' }], logs: [{ vertex: 'a', data: 'aGk=' }] }
  for (const line of [JSON.stringify(status), ...JSON.stringify(status, null, 2).split('\n'), 'ERROR: no']) read(line)
  const parsed = {
    vertexes: [{ digest: 'a', name: 'n', started: true, completed: false, cached: false, error: '' }],
    logs: [{ vertex: 'a', text: 'hi' }],
  }
  expect(found).toEqual([parsed, parsed])
  expect(others).toEqual(['ERROR: no'])
})

test('the protobuf messages of the engine are read', () => {
  const bytes = (number: number, content: Buffer | string) => {
    const body = Buffer.from(content)
    return Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body])
  }
  const cached = Buffer.from([4 << 3, 1])
  const made = bytes(1, Buffer.concat([bytes(1, 'd'), bytes(3, 'name'), cached, bytes(5, ''), bytes(7, 'oh')]))
  const log = bytes(3, Buffer.concat([bytes(1, 'd'), Buffer.from([3 << 3, 0xac, 0x02]), bytes(4, 'héllo')]))
  expect(decodeTrace(Buffer.concat([made, log]).toString('base64'))).toEqual({
    vertexes: [{ digest: 'd', name: 'name', started: true, completed: false, cached: true, error: 'oh' }],
    logs: [{ vertex: 'd', text: 'héllo' }],
  })
})
