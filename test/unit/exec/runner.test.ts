import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'

const trace: string[] = []
const runner = execaRunner({ LANG: 'a', TZ: 'b', TOKEN: 'secret' }, (line) => trace.push(line))
const node = (script: string, ...args: string[]) => [process.execPath, ['-e', script, ...args]] as const

test('a program that fails gives its exit code and both outputs', async () => {
  const script = "process.stdout.write('out\\n'); process.stderr.write('err\\n'); process.exitCode = 3"
  expect(await runner.run(...node(script))).toEqual({ exitCode: 3, stdout: 'out', stderr: 'err' })
  expect(trace.at(-1)).toBe('  exit 3')
})

test('a program that cannot be started gives exit code 127 and the reason', async () => {
  const result = await runner.run('/not/there', [])
  expect(result).toMatchObject({ exitCode: 127, stdout: '' })
  expect(result.stderr).toContain('/not/there')
})

test('arguments reach the program unchanged', async () => {
  const odd = ['a b', '$HOME', '"', "'", '*', ';ls', '--x=\n']
  const { stdout } = await runner.run(...node('console.log(JSON.stringify(process.argv.slice(1)))', '--', ...odd))
  expect(JSON.parse(stdout)).toEqual(odd)
})

test('the environment of a call is added to what the program needs of the given one', async () => {
  const { stdout } = await runner.run(...node('console.log(JSON.stringify(process.env))'), {
    env: { TZ: undefined, NEW: 'c' },
  })
  expect(JSON.parse(stdout)).toMatchObject({ LANG: 'a', NEW: 'c' })
  for (const name of ['TZ', 'TOKEN', 'PATH']) expect(JSON.parse(stdout)).not.toHaveProperty(name)
  const spawned = runner.spawn(...node('console.log(JSON.stringify(process.env))'))
  expect(JSON.parse(await text(spawned.stdout))).not.toHaveProperty('TOKEN')
})

test('the program gets its input, and its lines are reported as they are written', async () => {
  const lines: string[] = []
  const script = 'process.stdin.on("data", (d) => process.stdout.write(d)); process.stderr.write("one\\rtwo")'
  await runner.run(...node(script), { input: 'x\ny', onLine: (line) => lines.push(line) })
  expect(lines.sort()).toEqual(['one', 'two', 'x', 'y'])
})

test('a timeout gives exit code 124, and an abort throws the reason of the signal', async () => {
  const forever = node('setInterval(() => {}, 1000)')
  expect((await runner.run(...forever, { timeoutMs: 50 })).exitCode).toBe(124)
  const abort = new AbortController()
  const running = runner.run(...forever, { signal: abort.signal })
  abort.abort(new Error('Ctrl-C'))
  await expect(running).rejects.toThrow('Ctrl-C')
})

test('a spawned program reads its input and ends with it', async () => {
  const child = runner.spawn(...node('process.stdin.on("data", (d) => process.stdout.write(d))'))
  child.stdin.write('ping')
  expect(String((await once(child.stdout, 'data'))[0])).toBe('ping')
  child.kill()
  expect(await child.done).toBeNull()
  const ended = runner.spawn(...node('console.log("bye"); process.exitCode = 5'))
  expect([await text(ended.stdout), await ended.done]).toEqual(['bye\n', 5])
})

test('a program that may outlive devk has a process group of its own, and does not keep devk running', async () => {
  const module = JSON.stringify(new URL('../../../src/exec/runner.ts', import.meta.url).href)
  const script = `
    const { execaRunner } = await import(${module})
    const options = { outlives: true, needs: ['PID_FILE'] }
    void execaRunner(process.env).run('sh', ['-c', 'echo $$ > "$PID_FILE"; exec sleep 60'], options)
    setTimeout(() => {}, 500)`
  const file = join(await mkdtemp(join(tmpdir(), 'devk-runner-')), 'pid')
  const args = ['--input-type=module', '--experimental-strip-types', '-e', script]
  const done = await execaRunner(process.env).run(process.execPath, args, { env: { PID_FILE: file } })
  expect(done).toMatchObject({ exitCode: 0 })
  const pid = Number(await readFile(file, 'utf8'))
  // Throws when no process has this group.
  expect(process.kill(-pid, 0)).toBe(true)
  process.kill(pid, 'SIGKILL')
})
