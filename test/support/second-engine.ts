import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dockerEngine } from '../../src/engine/engine.ts'
import { execaRunner } from '../../src/exec/runner.ts'
import { startEngine } from '../../src/host/start-engine.ts'

const run = promisify(execFile)

/** A file system in memory that a test fills. */
export interface FullableDisk {
  readonly folder: string
  /** Fills it, and leaves this many bytes. */
  fill(left: number): Promise<void>
  /** Removes what `fill` has written. */
  free(): Promise<void>
  unmount(): Promise<void>
}

/** Mounts a disk of this many megabytes at a new folder. */
export async function mountDisk(folder: string, megabytes: number): Promise<FullableDisk> {
  await mkdir(folder)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'devk-test', folder])
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill(left) {
      const { bavail, bsize } = await statfs(folder)
      // Others may have written meanwhile. Then the disk is full all the same.
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - left))).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOSPC') throw error
        },
      )
    },
    free: () => rm(filler, { force: true }),
    unmount: async () => void (await run('umount', [folder])),
  }
}

/** A second Docker engine, in a network namespace of its own. */
export interface SecondEngine {
  readonly disk: FullableDisk
  /** An environment whose Docker engine is this one. */
  readonly environment: NodeJS.ProcessEnv
  /** Its process, in whose network namespace other programs can run. */
  readonly pid: number
  stop(): Promise<void>
}

/** Starts an engine that keeps its images on a disk of this many megabytes. */
export async function startSecondEngine(megabytes: number): Promise<SecondEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-engine-'))
  const at = (leaf: string) => join(folder, leaf)
  const disk = await mountDisk(at('disk'), megabytes)
  const environment = { ...process.env, DOCKER_HOST: `unix://${at('docker.sock')}` }
  const { images } = dockerEngine(environment)
  const { signal } = new AbortController()
  const answers = () =>
    images.info(signal).then(
      () => true,
      () => false,
    )
  const own = ['--host', environment.DOCKER_HOST, '--pidfile', at('docker.pid'), '--exec-root', at('exec')]
  const alone = ['--bridge=none', '--iptables=false', '--ip6tables=false']
  const args = [...own, '--data-root', disk.folder, '--storage-driver', 'overlay2', ...alone]
  const env = await environmentOfDockerd(at('bin'))
  await startEngine({ runner: execaRunner(env), env, stateFolder: folder, say: () => {}, signal, answers, args })
  const pid = Number(await readFile(at('docker.pid'), 'utf8'))
  return {
    disk,
    environment,
    pid,
    async stop() {
      process.kill(pid, 'SIGTERM')
      await run('tail', ['--follow', `--pid=${pid}`, '/dev/null'])
      await disk.unmount()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * An environment whose PATH has a dockerd in a network namespace of its own. In the network of this machine it would
 * remove the bridge docker0 of the first engine.
 */
async function environmentOfDockerd(bin: string): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await run('sh', ['-c', 'command -v dockerd'])
  await mkdir(bin)
  const script = `#!/bin/sh\nexec unshare --net sh -c 'ip link set lo up; exec "$@"' sh '${stdout.trim()}' "$@"\n`
  await writeFile(join(bin, 'dockerd'), script, { mode: 0o755 })
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` }
}
