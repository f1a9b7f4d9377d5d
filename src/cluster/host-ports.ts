import { createServer } from 'node:net'
import { DevkError } from '../errors.ts'
import { type FindPortOwner, ownerText } from '../host/port-owner.ts'
import type { ClusterEngine } from './nodes.ts'
import type { HostPort } from './provider.ts'

/** Throws PORT_TAKEN with the container or program that listens, when one of these ports of 127.0.0.1 is in use. */
export async function requireFreePorts(
  engine: ClusterEngine,
  ports: readonly HostPort[],
  portOwner: FindPortOwner,
  signal: AbortSignal,
): Promise<void> {
  for (const { host, node } of ports) {
    if (!(await isTaken(host))) continue
    const containers = await engine.containers.list([], signal)
    const container = containers.find((each) => each.ports.some(({ hostPort }) => hostPort === host))
    const owner = container === undefined ? await portOwner(host) : undefined
    const program = owner === undefined ? 'another program' : ownerText(owner)
    throw new DevkError(
      'PORT_TAKEN',
      `Port ${host} is taken by ${container === undefined ? program : `container ${container.name}`}`,
      {
        details: [`The cluster maps localhost:${host} to its port ${node} (cluster.ports).`, 'Nothing was changed.'],
        hint: 'Stop it, or choose another port and run devk up again.',
      },
    )
  }
}

/**
 * Whether a program listens on this port of localhost, by either of its addresses: what listens on ::1 alone would
 * answer in place of the cluster. devk may lack the permission to bind a port below 1024; that port still counts as
 * free, since the engine binds it.
 */
export async function isTaken(port: number): Promise<boolean> {
  return (await isTakenOn('127.0.0.1', port)) || (await isTakenOn('::1', port))
}

function isTakenOn(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)))
  })
}
