import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { type KeepRunningDeps, keepRunning, type LocalProgram } from '../../../src/local/keep-running.ts'
import { fileClock } from '../../../src/watch/file-clock.ts'
import { watchTree } from '../../../src/watch/watch-tree.ts'
import { countOf, folder } from './processes.ts'

const wait = { timeout: 20_000 }

/** Keeps a script running until the end of the test, or `stop`. */
function setUp(script: string, more: Partial<LocalProgram> & { deps?: Partial<KeepRunningDeps> } = {}) {
  const cwd = more.cwd ?? folder()
  const stop = new AbortController()
  const lines: string[] = []
  const changes: string[] = []
  const { deps, ...rest } = more
  const done = keepRunning(
    { name: 'web', argv: ['sh', '-c', script], cwd, env: {}, ports: [], watch: undefined, needs: [], ...rest },
    {
      runner: execaRunner(process.env),
      ready: () => true,
      subscribe: () => () => {},
      taken: async () => undefined,
      watch: (options) => watchTree({ ...options, now: Date.now, onWarning: () => {} }),
      now: fileClock,
      onLine: async (line) => void lines.push(line),
      onChange: ({ state, reason, output }) =>
        changes.push(
          [state, ...(reason === undefined ? [] : [reason]), ...(output === '' ? [] : [output])].join(' | '),
        ),
      ...deps,
    },
    stop.signal,
  )
  onTestFinished(async () => {
    stop.abort()
    await done
  })
  const end = () => {
    stop.abort()
    return done
  }
  const save = (name: string, text = `${Math.random()}`) => writeFileSync(join(cwd, name), text)
  return { cwd, lines, changes, end, save }
}

test('it runs in its folder with its variables, its lines are passed on, and it ends with the signal', async () => {
  const mark = `7${process.pid}.1`
  const script = `echo $GREETING; pwd >&2; printf 'é\\r\\n'; sleep ${mark}; true`
  const { cwd, lines, changes, end } = setUp(script, { env: { GREETING: 'hello' } })
  await expect.poll(() => [...lines].sort(), wait).toEqual([cwd, 'hello', 'é'].sort())
  await expect.poll(() => countOf(mark), wait).toBe(1)
  await end()
  expect([await countOf(mark), changes]).toEqual([0, ['running']])
})

test('nothing is left of what it has started: not what ignores SIGTERM, has lost its parent or has a group of its own', async () => {
  const marks = [1, 2, 3].map((n) => `7${process.pid}.2${n}`)
  const [stubborn, lost, apart] = marks
  const script = `(trap '' TERM; while :; do sleep ${stubborn}; done) &
    (sleep ${lost} &)
    node -e "require('node:child_process').spawn('sleep', ['${apart}'], { detached: true }); setInterval(() => {}, 1000)"`
  const { end } = setUp(script)
  const counts = () => Promise.all(marks.map(countOf))
  await expect.poll(counts, wait).toEqual([1, 1, 1])
  await end()
  expect(await counts()).toEqual([0, 0, 0])
})

test('what a program leaves when it ends by itself is ended, since it would hold its ports', async () => {
  const mark = `7${process.pid}.3`
  const { changes } = setUp(`sleep ${mark} & exit 0`)
  await expect.poll(() => changes, wait).toEqual(['running', 'ended | exit code 0'])
  expect(await countOf(mark)).toBe(0)
})

test('one that got away does not hide the end', async () => {
  const { changes, lines } = setUp("setsid sh -c 'setsid sleep 60 & echo $!'; exit 2")
  await expect.poll(() => changes.length, wait).toBe(2)
  expect(changes[1]).toMatch(/^failed \| exit code 2/)
  process.kill(Number(lines[0]))
})

test('its input stays open, as development servers end with it', async () => {
  const { lines, changes } = setUp('echo begins; cat; echo input ended')
  await expect.poll(() => lines, wait).toEqual(['begins'])
  expect(changes).toEqual(['running'])
})

test('a crash is told with the last lines; it stays ended until the next save, which starts it again', async () => {
  const { cwd, lines, changes, save } = setUp('echo started; cat flag 2>&1 || exit 3; exec sleep 60')
  await expect.poll(() => changes.length, wait).toBe(2)
  expect(changes[1]).toMatch(/^failed \| exit code 3 \| started\n.*flag/)
  // A file that programs write starts nothing.
  save('debug.log')
  save('flag', 'it works\n')
  await expect.poll(() => lines.at(-1), wait).toBe('it works')
  expect([lines.filter((line) => line === 'started').length, changes[2]]).toEqual([2, 'running | flag was saved'])
  // It runs, and has no patterns: saves are its own business.
  save('flag')
  expect([changes.length, cwd]).toEqual([3, cwd])
})

test('a save that matches its patterns starts it again, and others do not', async () => {
  const { lines, changes, save } = setUp('cat a.ts b.md; exec sleep 60', {
    watch: ['**/*.ts', '!**/*.test.ts'],
    // The files are written just before: in the same tick of the clock for files, or the one before.
    deps: { now: () => fileClock() + 5 },
    cwd: (() => {
      const path = folder()
      writeFileSync(join(path, 'a.ts'), 'first\n')
      writeFileSync(join(path, 'b.md'), 'text\n')
      return path
    })(),
  })
  await expect.poll(() => lines, wait).toEqual(['first', 'text'])
  save('a.test.ts')
  save('b.md', 'other\n')
  save('a.ts', 'second\n')
  await expect.poll(() => lines, wait).toEqual(['first', 'text', 'second', 'other'])
  expect(changes).toEqual(['running', 'running | a.ts was saved'])
})

test.each([
  ['a program that does not exist', ['no-such-server'], /^failed \| it could not be started.*no-such-server/],
  ['an argument that no program can get', ['true', 'a\0b'], /^failed \| it could not be started/],
])('%s is told, and no error of devk', async (_name, argv, text) => {
  const { changes } = setUp('', { argv })
  await expect.poll(() => changes.at(-1), wait).toMatch(text)
})

test('it starts when everything is ready that it needs, and says meanwhile what it waits for', async () => {
  const ready = new Set<string>()
  const listeners = new Set<() => void>()
  const { changes } = setUp('exec sleep 60', {
    needs: ['api', 'db'],
    deps: {
      ready: (name) => ready.has(name),
      subscribe(onChange) {
        listeners.add(onChange)
        return () => listeners.delete(onChange)
      },
    },
  })
  const becomes = async (name: string) => {
    ready.add(name)
    for (const listener of [...listeners]) listener()
  }
  expect(changes).toEqual(['waiting | waits for api, db'])
  await becomes('api')
  await expect.poll(() => changes.at(-1), wait).toBe('waiting | waits for db')
  await becomes('db')
  await expect.poll(() => changes.at(-1), wait).toBe('running')
})

test('one that waits ends with the signal', async () => {
  const { changes, end } = setUp('true', { needs: ['api'], deps: { ready: () => false } })
  await end()
  expect(changes).toEqual(['waiting | waits for api'])
})

test('a taken port is told instead of a start that fails in its own words; the next save tries again', async () => {
  let isTaken = true
  const { changes, lines, save } = setUp('echo begins; exec sleep 60', {
    ports: [5173],
    deps: { taken: async (port) => (isTaken ? `port ${port} is taken by vite` : undefined) },
  })
  await expect.poll(() => changes, wait).toEqual(['failed | port 5173 is taken by vite'])
  expect(lines).toEqual([])
  isTaken = false
  // The watch begins after the failure.
  const again = setInterval(() => save('a.ts'), 100)
  onTestFinished(() => clearInterval(again))
  await expect.poll(() => changes.at(-1), wait).toBe('running | a.ts was saved')
})
