import { createHash } from 'node:crypto'
import { connect, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { listenOnFile } from './lock-file.ts'

/** How to take a lock. */
export interface LockOptions {
  /** Identifies the lock; nothing is written at this path. */
  readonly path: string
  /** The command that takes the lock, for messages of other processes: `devk up`. */
  readonly command: string
  readonly pid: number
  readonly signal: AbortSignal
  /** Milliseconds to wait for another holder; default 0. */
  readonly wait?: number
  /** Called once if somebody else holds the lock, before the wait, with the holder: `devk up (pid 7)`. */
  readonly onHeld?: (holder: string) => void
  /** Default: that of this machine. */
  readonly platform?: NodeJS.Platform
}

/** A lock that this process holds. */
export interface Lock {
  /** Safe to repeat. */
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  readonly command: string
}

/**
 * Takes the lock, or throws LOCKED with the command and pid of its holder. The lock is a listening socket, so the
 * kernel releases it when the process ends for any reason. The holder answers a connection with its command and pid.
 */
export async function acquireLock(options: LockOptions): Promise<Lock> {
  const address = socketAddress(options.path, options.platform ?? process.platform)
  const deadline = performance.now() + (options.wait ?? 0)
  let { onHeld } = options
  for (;;) {
    options.signal.throwIfAborted()
    const lock = await tryLock(address, options)
    if (lock !== undefined) return lock
    onHeld?.(nameOf(await askHolder(address)))
    onHeld = undefined
    if (performance.now() >= deadline) break
    await sleep(50, undefined, { signal: options.signal })
  }
  const holder = await askHolder(address)
  const who = nameOf(holder)
  throw new DevkError('LOCKED', `${who} is already running for this project`, {
    hint:
      holder === undefined ? 'Wait until it ends, or stop it.' : `Wait until it ends, or stop it: kill ${holder.pid}`,
  })
}

function nameOf(holder: Holder | undefined): string {
  return holder === undefined ? 'Another devk' : `${holder.command} (pid ${holder.pid})`
}

async function tryLock(address: string, { pid, command }: LockOptions): Promise<Lock | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(JSON.stringify({ pid, command }))
  })
  const forget = address.startsWith('\0') ? await listen(server, address) : await listenOnFile(server, address)
  if (forget === undefined) return undefined
  // A lock that is still held must not keep the process running.
  server.unref()
  let released: Promise<void> | undefined
  return {
    release() {
      released ??= forget().then(() => new Promise((resolve) => server.close(() => resolve())))
      return released
    },
  }
}

/**
 * On Linux an abstract socket name (unix(7)), which ends with its process. Elsewhere a file in a short folder: macOS
 * limits paths to 104 bytes.
 */
function socketAddress(path: string, platform: NodeJS.Platform): string {
  const name = `devk-${process.getuid?.() ?? 0}-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`
  return platform === 'linux' ? `\0${name}` : `/tmp/${name}.sock`
}

function listen(server: Server, address: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(address, () => resolve(async () => {}))
  })
}

function askHolder(address: string): Promise<Holder | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(address)
    // A stopped or busy holder still holds the lock; it is only not named.
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('data', (chunk) => {
      text += String(chunk)
      if (text.length > 1000) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(parseHolder(text)))
  })
}

/** Another user can listen under the name of a lock, and answer anything: only a number and a command of devk count. */
function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, command } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 1) return undefined
    if (typeof command !== 'string' || !/^[\w./:@ -]{1,300}$/.test(command)) return undefined
    return { pid, command }
  } catch {
    return undefined
  }
}
