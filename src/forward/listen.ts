import type { Server } from 'node:net'
import { DevkError } from '../errors.ts'
import { type FindPortOwner, ownerText } from '../host/port-owner.ts'

/** A local port, and what messages about it say. */
interface Listening {
  /** Name of the forwarded service, or of what else listens. */
  readonly name: string
  /** Who listens, at the start of a sentence. Default: `The forward of NAME`. */
  readonly who?: string
  /** 0 chooses a free port. */
  readonly localPort: number
  /** Called if the port is in use. */
  readonly portOwner: FindPortOwner
}

/** Lets the server listen on 127.0.0.1. Throws PORT_TAKEN with the program that uses the port, and HOST_UNFIT. */
export async function listen(
  server: Server,
  { name, who = `The forward of ${name}`, localPort, portOwner }: Listening,
): Promise<void> {
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen({ host: '127.0.0.1', port: localPort }, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
  if (!failure) return
  if (failure.code !== 'EADDRINUSE') {
    throw new DevkError('HOST_UNFIT', `Cannot listen on 127.0.0.1:${localPort} for ${name} (${failure.code})`, {
      cause: failure,
      ...(failure.code === 'EACCES'
        ? { hint: 'Ports below 1024 require more permissions. Choose a higher port.' }
        : {}),
    })
  }
  const owner = await portOwner(localPort)
  throw new DevkError('PORT_TAKEN', `Port ${localPort} is taken${owner ? ` by ${ownerText(owner)}` : ''}`, {
    details: [`${who} listens there.`],
    hint: 'Stop that program, or choose another port.',
    cause: failure,
  })
}
