import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packed, unpacked } from '../../../src/config/packed.ts'
import { failure, folder, load } from './support.ts'

const exporting = "export default { name: 'it' }"

test.each([
  ['leaves a timer', 'setInterval(() => {}, 1000)'],
  ['changes the folder of its process, which Node refuses in a thread', 'try { process.chdir("/") } catch {}'],
  ['changes the exit code', 'process.exitCode = 5; process.on("exit", () => { process.exitCode = 6 })'],
  ['changes its environment', 'process.env.DEVK_OF_SCRIPT = "1"'],
])('a configuration that %s is read, and devk is as before', async (_what, text) => {
  const before = [process.cwd(), process.exitCode, process.listenerCount('exit'), process.env.DEVK_OF_SCRIPT]
  expect((await load(folder({ 'platform.config.ts': `${text}\n${exporting}` }))).name).toBe('it')
  expect([process.cwd(), process.exitCode, process.listenerCount('exit'), process.env.DEVK_OF_SCRIPT]).toEqual(before)
})

test.each([
  ['process.exit(0)', 'platform.config.ts ends with process.exit(0), and exports nothing'],
  ['process.exit(3)', 'platform.config.ts ends with process.exit(3), and exports nothing'],
  ['await new Promise(() => {})', 'platform.config.ts waits for something that never happens, and exports nothing'],
  [
    "setTimeout(() => { throw new Error('later') })\nawait new Promise((r) => setTimeout(r, 5000))",
    'platform.config.ts:1:26 threw an error: later',
  ],
  [
    "void Promise.reject(new Error('alone'))\nawait new Promise((r) => setTimeout(r, 5000))",
    'platform.config.ts:1:21 threw an error: alone',
  ],
  ["throw 'a text'", 'platform.config.ts threw an error: a text'],
])('a configuration with %j is refused', async (text, message) => {
  const error = await failure(load(folder({ 'platform.config.ts': `${text}\n${exporting}` })))
  expect([error.code, error.message]).toEqual(['CONFIG_INVALID', message])
})

test('a configuration that never ends is ended by Ctrl-C', async () => {
  const root = folder({ 'platform.config.ts': '' })
  const stop = new AbortController()
  const began = join(root, 'began')
  writeFileSync(
    join(root, 'platform.config.ts'),
    `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(began)}, '')\nwhile (true) {}`,
  )
  const { existsSync } = await import('node:fs')
  const watched = setInterval(() => existsSync(began) && stop.abort(new Error('Ctrl-C')), 20)
  await expect(load(root, { signal: stop.signal })).rejects.toThrow('Ctrl-C')
  clearInterval(watched)
})

test('a value arrives as it was, with its functions and symbols where they were', () => {
  const inner = fc.oneof(fc.constant('function'), fc.constant('symbol'), fc.jsonValue(), fc.bigInt(), fc.date())
  const tree = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, inner, fc.array(tie('tree')), fc.dictionary(fc.string(), tie('tree'))),
  })).tree
  const real = (value: unknown): unknown => {
    if (value === 'function') return () => {}
    if (value === 'symbol') return Symbol('x')
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    if (Array.isArray(value)) return value.map(real)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, real(each)]))
  }
  const shape = (value: unknown): unknown => {
    if (typeof value === 'function' || typeof value === 'symbol') return typeof value
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    if (Array.isArray(value)) return value.map(shape)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]))
  }
  fc.assert(
    fc.property(tree, (value) => {
      expect(shape(unpacked(structuredClone(packed(real(value)))))).toEqual(value)
    }),
  )
})

test('of what contains itself, or is too deep, enough is left to refuse it', async () => {
  const loop = 'const a: any = { name: "it" }; a.self = a; export default a'
  const deep = 'let a: any = {}; for (let i = 0; i < 1e5; i++) a = { a }; export default a'
  for (const text of [loop, deep]) {
    const { message } = await failure(load(folder({ 'platform.config.ts': text })))
    expect(message).toContain('or contains itself')
  }
})
