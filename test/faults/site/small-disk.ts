import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A file system of a few kilobytes, mounted at a folder that only the processes inside of it see so. */
export interface SmallDisk {
  /** The command line that runs a program there, in this working folder. */
  inside(words: readonly string[], cwd: string): readonly string[]
  /** Fills it, and leaves this many kilobytes. */
  fill(left: number): Promise<void>
  /** Removes what `fill` has written. */
  free(): Promise<void>
  close(): Promise<void>
}

/**
 * Mounts it in namespaces of its own, for which no rights are needed where the kernel lets users have them. What the
 * folder has is copied into it.
 */
export async function mountSmallDisk(folder: string, kilobytes: number): Promise<SmallDisk> {
  const copied = 'cp -a "$2" "$2.copy" && mount -t tmpfs -o "size=$1k" none "$2" && cp -a "$2.copy/." "$2"'
  const mount = `${copied} && echo mounted && exec sleep infinity`
  const words = ['--map-root-user', '--mount', 'sh', '-c', mount, 'sh', String(kilobytes), folder]
  const holder = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  const line = once(createInterface({ input: holder.stdout }), 'line')
  const failed = ended.then(([code]) => {
    throw new Error(`unshare ended with ${code}: this machine does not let its users mount in a namespace of their own`)
  })
  await Promise.race([line, failed])
  failed.catch(() => {})
  const inside: SmallDisk['inside'] = (command, cwd) => [
    ...['nsenter', `--target=${holder.pid}`, '--user', '--mount', '--preserve-credentials'],
    ...[`--wd=${cwd}`, ...command],
  ]
  const shell = async (script: string) => {
    const [command = '', ...rest] = inside(['sh', '-c', script, 'sh', folder], '/')
    await run(command, rest)
  }
  return {
    inside,
    async fill(left) {
      // A file takes whole pages of four kilobytes.
      await shell('head -c 100M /dev/zero >"$1/filler" 2>/dev/null || true')
      await shell(`truncate -s "-${left}K" "$1/filler" || rm -f "$1/filler"`)
    },
    free: () => shell('rm -f "$1/filler"'),
    async close() {
      holder.kill('SIGKILL')
      await ended
    },
  }
}
