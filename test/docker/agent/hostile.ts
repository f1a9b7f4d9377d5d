import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'
import { docker, type FakeNode, startNode, tasks } from './node.ts'

const { signal } = new AbortController()

/** A container of the engine that the runtime of the node knows. */
export interface Hostile extends SyncTarget {
  readonly pid: string
  /** Runs a shell script in the container: as its user, or to prepare something, as root of the node. */
  sh(script: string): Promise<string>
  asRoot(script: string): Promise<string>
}

/** A node that sees the processes of real containers, and a folder of the host that they mount at /vol. */
export interface Arena {
  readonly node: FakeNode
  /** The path of /vol on the host. */
  readonly volume: string
  /** Starts a container with these options of docker run. Its folder /app belongs to the user 1000. */
  hostile(options: readonly string[], command?: readonly string[]): Promise<Hostile>
  /** Syncs a file. Rejects as a sync does. */
  save(target: SyncTarget, to: string, mode?: number): Promise<unknown>
  remove(target: SyncTarget, to: string): Promise<unknown>
  removeFolder(target: SyncTarget, to: string): Promise<unknown>
  /** What is in the folder /vol/secret, to which only root can write: the names with owner and mode, and the content. */
  secret(): Promise<string>
  end(): Promise<void>
}

/** Options of docker run. */
export const asUser1000 = ['--user', '1000:1000']

/** The content of the files that `save` syncs. */
export const saved = 'from the laptop'

/** What `secret` gives before an attack. */
export const untouched = 'secret 0 755 \nsecret/kept 0 644 kept'

/** Starts a node for hostile containers. */
export async function startArena(): Promise<Arena> {
  const volume = mkdtempSync(join(tmpdir(), 'devk-hostile-'))
  const from = join(volume, 'laptop')
  const node = await startNode(['--pid', 'host', '-v', `${volume}:/vol`])
  const ids: string[] = []
  await node.sh('chmod 755 /vol; mkdir -m 755 /vol/secret; echo kept >/vol/secret/kept')
  const send = (target: SyncTarget, file: SyncFile) => node.syncer.send(target, [file], signal)
  return {
    node,
    volume,
    async hostile(options, command = ['sleep', 'infinity']) {
      const all = ['-v', `${volume}:/vol`, ...options, 'kit/debian:bookworm', ...command]
      const id = (await docker('run', '-d', '--init=false', ...all)).trim()
      ids.push(id)
      const pid = (await docker('inspect', '-f', '{{.State.Pid}}', id)).trim()
      const task = `${tasks}/${id}`
      await node.sh(`mkdir -p ${task}; ln -s /proc/${pid}/root ${task}/rootfs; echo ${pid} >${task}/init.pid`)
      // From the node, since the engine lets no container mount anything.
      const asRoot = (script: string) => docker('exec', node.id, 'nsenter', '-m', '-t', pid, 'sh', '-ec', script)
      await asRoot('mkdir -p /app/src; chown 1000:1000 /app /app/src')
      return {
        service: 'hostile',
        pod: { namespace: 'default', name: id.slice(0, 12) },
        container: 'main',
        containerId: id,
        node: node.id,
        pid,
        sh: (script) => docker('exec', id, 'sh', '-ec', script),
        asRoot,
      }
    },
    save(target, to, mode = 0o644) {
      rmSync(from, { force: true })
      writeFileSync(from, saved, { mode })
      return send(target, { kind: 'write', from, to })
    },
    remove: (target, to) => send(target, { kind: 'delete', to, directory: false }),
    removeFolder: (target, to) => send(target, { kind: 'delete', to, directory: true }),
    secret: () => node.sh(`cd /vol; find secret -printf '%p %U %m ' \\( -type f -exec cat {} \\; -o -printf '\\n' \\)`),
    async end() {
      if (ids.length > 0) await docker('rm', '-f', '-v', ...ids)
      await node?.remove()
      rmSync(volume, { recursive: true, force: true })
    },
  }
}
