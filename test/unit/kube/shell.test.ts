import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { PassThrough, Writable } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ExecOptions, PodRef } from '../../../src/kube/api.ts'
import { runShell, type TerminalOutput } from '../../../src/kube/shell.ts'

const pod = { namespace: 'todo', name: 'backend-1' }

const until = (done: () => boolean) => vi.waitUntil(done, { timeout: 5000, interval: 10 })

/** Runs commands on this machine, each in a session of its own, as a container runtime does. */
function localStreams() {
  const children: ChildProcess[] = []
  const inputs: (() => void)[] = []
  const exec = async (_pod: PodRef, command: readonly string[], { stdin, stdout, signal }: ExecOptions) => {
    const [program = '', ...args] = command
    const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    children.push(child)
    signal.addEventListener('abort', () => child.kill('SIGKILL'))
    stdin?.pipe(child.stdin)
    inputs.push(() => stdin?.unpipe(child.stdin))
    child.stdin.on('error', () => {})
    child.stdout.pipe(stdout, { end: false })
    const [code, killed] = await once(child, 'close')
    return killed === null ? (code as number) : 129
  }
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  return { exec, children, cut: () => inputs.forEach((each) => void each()) }
}

function terminal() {
  let text = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  const output = Object.assign(stdout, { columns: 80, rows: 24 }) as TerminalOutput
  return { stdin: new PassThrough(), stdout: output, read: () => text }
}

/** Whether a process runs: one that has ended may not have been waited for yet. */
function runs(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const pidsIn = (text: string) => [...text.matchAll(/pid=(\d+)/g)].map(([, pid = '']) => pid)

test('a shell gets what is typed, shows what its commands write and nothing else, and gives its exit code', async () => {
  const { exec, children } = localStreams()
  const { stdin, stdout, read } = terminal()
  stdin.write('echo "[$TERM]"; exit 3\n')
  const { signal } = new AbortController()
  expect(await runShell({ exec }, pod, { container: 'app', stdin, stdout, signal })).toBe(3)
  expect(read()).toBe('[xterm-256color]\n')
  expect(children.every(({ exitCode }) => exitCode !== null)).toBe(true)
})

test('at its end the shell takes along what it has started, also what ignores the hangup', async () => {
  const { exec, children } = localStreams()
  const { stdin, stdout, read } = terminal()
  const stop = new AbortController()
  const done = runShell({ exec }, pod, { container: 'app', stdin, stdout, signal: stop.signal })
  stdin.write('nohup sleep 600 >/dev/null 2>&1 & echo "pid=$!"\n')
  stdin.write("(trap '' HUP; sleep 601; sleep 602) & echo pid=$!\necho pid=$$\n")
  await until(() => pidsIn(read()).length === 3)
  const pids = pidsIn(read())
  expect(pids.every(runs)).toBe(true)
  stop.abort()
  await done.catch(() => {})
  expect(pids.filter(runs)).toEqual([])
  expect(children).toHaveLength(2)
})

test('a shell that is closed while it starts ends as any other', async () => {
  const { exec, children } = localStreams()
  const { stdin, stdout } = terminal()
  const stop = new AbortController()
  const done = runShell({ exec }, pod, { container: 'app', stdin, stdout, signal: stop.signal })
  stop.abort()
  await done.catch(() => {})
  // Not cut off: its guardian has ended it.
  expect(children.map(({ signalCode }) => signalCode)).toEqual([null, 'SIGHUP'])
})

test('what the shell has started ends when the input of its guardian breaks', async () => {
  const { exec, children } = localStreams()
  const { stdin, stdout, read } = terminal()
  const { signal } = new AbortController()
  const done = runShell({ exec }, pod, { container: 'app', stdin, stdout, signal }).catch(() => {})
  stdin.write('sleep 600 & echo "pid=$!"\n')
  await until(() => pidsIn(read()).length === 1)
  children[0]?.stdin?.destroy()
  await done
  expect(pidsIn(read()).filter(runs)).toEqual([])
})

test('a shell ends when its guardian hears nothing for a while, and not before', async () => {
  const { exec, children, cut } = localStreams()
  const { stdin, stdout, read } = terminal()
  const { signal } = new AbortController()
  const done = runShell({ exec }, pod, { container: 'app', stdin, stdout, signal, silence: 1 }).catch(() => {})
  stdin.write('sleep 600 & echo "pid=$!"\n')
  await until(() => pidsIn(read()).length === 1)
  const [pid = ''] = pidsIn(read())
  await new Promise((resolve) => setTimeout(resolve, 2000))
  expect(runs(pid)).toBe(true)
  // When devk is killed, the container runtime may keep the input open, and kills the program of the exec.
  cut()
  children[0]?.kill('SIGKILL')
  await done
  expect(runs(pid)).toBe(false)
  expect(children.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', 'SIGHUP'])
})

test('a container without a shell is named, with what helps', async () => {
  const { stdin, stdout } = terminal()
  const exec = async () => {
    throw new Error('exec: "sh": executable file not found in $PATH')
  }
  const { signal } = new AbortController()
  await expect(runShell({ exec }, pod, { container: 'app', stdin, stdout, signal })).rejects.toMatchObject({
    code: 'KUBE_API',
    message: expect.stringMatching(/^No shell could be started in container app of pod backend-1: .*"sh"/),
    hint: expect.stringContaining('kubectl debug -n todo -it backend-1 --image=busybox --target=app'),
  })
  const ends = async () => 127
  await expect(runShell({ exec: ends }, pod, { container: 'app', stdin, stdout, signal })).rejects.toThrow(
    'No shell could be started in container app of pod backend-1: sh ended with exit code 127',
  )
})

test('the size of the terminal is that of the page, now and when it changes', async () => {
  const { stdin, stdout } = terminal()
  const sizes: unknown[] = []
  const exec = async (_pod: PodRef, _command: readonly string[], { stdout: shown, tty }: ExecOptions) => {
    if (!tty) return 0
    const { columns, rows } = shown as TerminalOutput
    sizes.push([columns, rows])
    shown.on('resize', () => sizes.push('resize'))
    stdout.emit('resize')
    return 1
  }
  const { signal } = new AbortController()
  await runShell({ exec }, pod, { container: 'app', stdin, stdout, signal }).catch(() => {})
  expect(sizes).toEqual([[80, 24], 'resize'])
})
