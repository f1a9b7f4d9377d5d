import { connect } from 'node:net'
import { join } from 'node:path'
import type { Environment } from './endpoint.ts'

/** A socket on which an engine usually listens when it is not the one of the whole machine. */
export interface KnownSocket {
  /** The program as its users call it. */
  readonly program: string
  readonly path: string
}

/**
 * Sockets of engines that belong to a user or to a virtual machine. Like docker, devk uses one only when DOCKER_HOST
 * or a docker context names it; the list serves to tell which one would answer.
 */
export function knownSockets({ HOME: home, XDG_RUNTIME_DIR: runtime }: Environment): KnownSocket[] {
  const below = (folder: string | undefined, sockets: readonly (readonly [program: string, path: string])[]) =>
    folder === undefined || folder === ''
      ? []
      : sockets.map(([program, path]) => ({ program, path: join(folder, path) }))
  return [
    ...below(runtime, [['rootless Docker', 'docker.sock']]),
    ...below(home, [
      ['Docker Desktop', '.docker/run/docker.sock'],
      ['Docker Desktop', '.docker/desktop/docker.sock'],
      ['OrbStack', '.orbstack/run/docker.sock'],
      ['Colima', '.colima/default/docker.sock'],
      ['Colima', '.config/colima/default/docker.sock'],
      ['Rancher Desktop', '.rd/docker.sock'],
    ]),
    ...below(runtime, [['Podman', 'podman/podman.sock']]),
    { program: 'Podman', path: '/run/podman/podman.sock' },
  ]
}

/** The sockets that accept a connection; each may take a second. */
export async function listening(sockets: readonly KnownSocket[]): Promise<KnownSocket[]> {
  const accepted = await Promise.all(sockets.map(({ path }) => accepts(path)))
  return sockets.filter((_, index) => accepted[index])
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => end(false))
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
