import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type Server } from 'node:net'

/**
 * Makes `server` listen at the socket file `path`. Returns a function that removes the file, to be called before the
 * server is closed; undefined when another process listens there. Replaces the file of a process that has ended.
 */
export async function listenOnFile(server: Server, path: string): Promise<(() => Promise<void>) | undefined> {
  // Binds to a unique name, which is then linked to `path`: only one of several processes can create that link.
  const own = `${path}.${crypto.randomUUID().slice(0, 8)}`
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(own, resolve)
  })
  try {
    if ((await linkTo(own, path)) || (await takeOver(own, path))) return () => rm(path, { force: true })
    await new Promise((resolve) => server.close(resolve))
    return undefined
  } finally {
    await rm(own, { force: true })
  }
}

/**
 * Replaces a socket file at which no process listens. Only the holder of the guard removes such a file, so that no
 * process removes the file that another has just created.
 */
async function takeOver(own: string, path: string): Promise<boolean> {
  const guard = `${path}.guard`
  if (await answers(path)) return false
  if (!(await createGuard(guard))) return false
  try {
    if (await answers(path)) return false
    await rm(path, { force: true })
    return await linkTo(own, path)
  } finally {
    await rm(guard, { force: true })
  }
}

async function createGuard(guard: string): Promise<boolean> {
  const create = () => exclusively(() => writeFile(guard, String(process.pid), { flag: 'wx', mode: 0o600 }))
  if (await create()) return true
  const holder = Number(await readFile(guard, 'utf8').catch(() => ''))
  if (holder === 0 || alive(holder)) return false
  await rm(guard, { force: true })
  return create()
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

const linkTo = (own: string, path: string) => exclusively(() => link(own, path))

async function exclusively(create: () => Promise<void>): Promise<boolean> {
  try {
    await create()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // With any other error, a running holder may have a full queue.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
