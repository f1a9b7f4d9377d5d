import { expect, test } from 'vitest'
import { errorJson, errorText, exitCodeOf } from '../../../src/cli/report.ts'
import { DevkError } from '../../../src/errors.ts'

const plain = { columns: 80, color: false, verbose: false, version: '1.2.3' }
const taken = new DevkError('PORT_TAKEN', 'Port 8080 is taken by nginx (pid 4121)', {
  details: [
    'The cluster maps its ingress to localhost:8080 (platform.config.ts:9, cluster.ingressPort).',
    '  nginx -g x',
  ],
  hint: 'Stop that program, or choose another port and run devk up again.',
  cause: new Error('listen EADDRINUSE'),
})

test('the message with its code, the details, the hint', () => {
  expect(errorText(taken, plain)).toBe(
    [
      '✖ Port 8080 is taken by nginx (pid 4121) [PORT_TAKEN]',
      '',
      '  The cluster maps its ingress to localhost:8080 (platform.config.ts:9,',
      '  cluster.ingressPort).',
      '    nginx -g x',
      '  Stop that program, or choose another port and run devk up again.',
      '',
    ].join('\n'),
  )
})

test('the text fits 60 columns', () => {
  const lines = errorText(taken, { ...plain, columns: 60 }).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
})

test('there is colour only when it is enabled', () => {
  expect(errorText(taken, plain)).not.toContain('\u001b')
  expect(errorText(taken, { ...plain, color: true })).toContain('\u001b[31m✖')
})

test('a message that is too long for one line ends with the code, too', () => {
  const long = new DevkError('CLUSTER_FOREIGN', 'A cluster named kind-shop exists, and this project did not create it')
  expect(errorText(long, { ...plain, columns: 60 })).toBe(
    ['✖ A cluster named kind-shop exists, and this project did not', '  create it [CLUSTER_FOREIGN]', ''].join('\n'),
  )
  const exact = new DevkError('CLUSTER_FOREIGN', 'x'.repeat(58))
  expect(errorText(exact, { ...plain, columns: 60 })).toBe(`✖ ${'x'.repeat(58)}\n  [CLUSTER_FOREIGN]\n`)
})

test('the code is dim, the message bold', () => {
  const text = errorText(new DevkError('USAGE', 'No such command'), { ...plain, color: true })
  expect(text).toBe('\u001b[31m✖\u001b[39m \u001b[1mNo such command \u001b[22m\u001b[2m[USAGE]\u001b[22m\n')
})

test('--verbose shows the causes', () => {
  expect(errorText(taken, plain)).not.toContain('EADDRINUSE')
  expect(errorText(taken, { ...plain, verbose: true })).toContain('caused by: listen EADDRINUSE')
})

test('a bug in devk shows its stack and asks for a report', () => {
  const text = errorText(new TypeError('x is not a function'), plain)
  expect(text).toMatch(/^✖ Internal error: x is not a function \[DEFECT\]\n/)
  expect(text).toContain('report.test.ts')
  expect(text).toMatch(/report it/)
  expect(errorText('thrown text', plain)).toContain('thrown text')
})

test('an interruption is not reported', () => {
  expect(errorText(new DevkError('INTERRUPTED', 'Interrupted'), plain)).toBe('')
})

test.each<[unknown, number]>([
  [new DevkError('BUILD_FAILED', ''), 1],
  [new DevkError('USAGE', ''), 2],
  [new DevkError('CONFIG_INVALID', ''), 2],
  [new DevkError('NOT_READY', ''), 3],
  [new DevkError('INTERRUPTED', ''), 130],
  [new DevkError('COMMAND_FAILED', '', { exitCode: 42 }), 42],
  [new Error('x'), 70],
  [undefined, 70],
])('the exit code of %s', (error, code) => {
  expect(exitCodeOf(error)).toBe(code)
})

test('an error is one JSON object with --json', () => {
  expect(errorJson(taken).error).toMatchObject({ code: 'PORT_TAKEN', message: taken.message, hint: taken.hint })
  expect(errorJson(new DevkError('USAGE', 'x')).error).toEqual({ code: 'USAGE', message: 'x', details: [], hint: null })
  expect(errorJson(new Error('x')).error).toMatchObject({ code: 'DEFECT', message: 'x' })
})
