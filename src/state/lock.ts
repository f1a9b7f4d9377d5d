import { createHash } from 'node:crypto'
import { connect, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { listenOnFile } from './lock-file.ts'

export interface LockOptions {
  /** What is locked: the same string, the same lock. Nothing is written there. */
  readonly path: string
  /** Shown to whoever finds the lock held: `devk up`. */
  readonly command: string
  readonly pid: number
  readonly signal: AbortSignal
  /** Milliseconds to wait for the holder; default 0. */
  readonly wait?: number
  /** Default: that of this machine. */
  readonly platform?: NodeJS.Platform
}

export interface Lock {
  /** Safe to repeat. */
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  readonly command: string
}

/**
 * Takes the lock, or throws LOCKED with the holder's pid and command. It is a listening socket, so the kernel lets it go with the
 * process, however that ends; a connection to it tells who holds it.
 */
export async function acquireLock(options: LockOptions): Promise<Lock> {
  const address = socketAddress(options.path, options.platform ?? process.platform)
  const deadline = performance.now() + (options.wait ?? 0)
  for (;;) {
    options.signal.throwIfAborted()
    const lock = await tryLock(address, options)
    if (lock !== undefined) return lock
    if (performance.now() >= deadline) break
    await sleep(50, undefined, { signal: options.signal })
  }
  const holder = await askHolder(address)
  const who = holder === undefined ? 'Another devk' : `${holder.command} (pid ${holder.pid})`
  throw new DevkError('LOCKED', `${who} is at work on this project`, {
    hint: holder === undefined ? 'Wait for it, or end it.' : `Wait for it, or end it: kill ${holder.pid}`,
  })
}

async function tryLock(address: string, { pid, command }: LockOptions): Promise<Lock | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(JSON.stringify({ pid, command }))
  })
  const forget = address.startsWith('\0') ? await listen(server, address) : await listenOnFile(server, address)
  if (forget === undefined) return undefined
  // A lock that is still held must not keep devk from ending.
  server.unref()
  let released: Promise<void> | undefined
  return {
    release() {
      released ??= forget().then(() => new Promise((resolve) => server.close(() => resolve())))
      return released
    },
  }
}

/** Linux has names that live only in the kernel: bound by one process, gone with it. Elsewhere a file, in a short folder (104 bytes). */
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
    // A holder that is stopped or busy holds the lock all the same; it only goes unnamed.
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(parseHolder(text)))
  })
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}
