import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { descendants, endAll } from '../../../src/exec/descendants.ts'

/** A process that starts two more, ignores SIGTERM, and prints the pids of the two. */
const family = `
const { spawn } = require('node:child_process')
process.on('SIGTERM', () => {})
const [child, apart] = [false, true].map((detached) => spawn('sleep', ['60'], { detached }))
console.log(child.pid + ' ' + apart.pid)
setInterval(() => {}, 1000)`

async function startFamily(): Promise<{ parent: ChildProcess; child: number; apart: number }> {
  const parent = spawn(process.execPath, ['-e', family], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(parent.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const [child = 0, apart = 0] = String(line).split(' ').map(Number)
  return { parent, child, apart }
}

/** A process that nobody has waited for yet is listed until somebody does, with the state Z. */
const runs = (pid: number) => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

for (const platform of ['linux', 'darwin'] as const) {
  test(`on ${platform} what a process has started is found and ended, and what has a group of its own is not`, async () => {
    const { parent, child, apart } = await startFamily()
    try {
      const found = descendants(platform)
      const pids = found.map(({ pid }) => pid)
      expect(pids).toEqual(expect.arrayContaining([parent.pid, child]))
      expect(pids).not.toContain(apart)
      const own = found.filter(({ pid }) => pid === parent.pid || pid === child)
      const ended = once(parent, 'exit')
      endAll(platform, own)
      expect(await ended).toEqual([null, 'SIGKILL'])
      await expect.poll(() => runs(child)).toBe(false)
      expect(runs(apart)).toBe(true)
    } finally {
      process.kill(apart, 'SIGKILL')
    }
  })

  test(`on ${platform} a process that has got the pid of an ended one is not touched`, async () => {
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    endAll(platform, [{ pid: child.pid ?? 0, started: 'long ago' }])
    expect(child.signalCode).toBeNull()
    expect(runs(child.pid ?? 0)).toBe(true)
    child.kill()
  })
}
