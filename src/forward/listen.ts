import { type AddressInfo, createServer, type Server, type ServerOpts } from 'node:net'
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

/** How connections are handed to the server: it reads nothing by itself, and each direction closes on its own. */
export const connectionOptions: ServerOpts = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true }

/**
 * Lets the server listen on 127.0.0.1, and on ::1 where the machine has it: `localhost` can mean either, and another
 * program on one of them would answer in place of this one. `options` are those of the server. Throws PORT_TAKEN with
 * the program that uses the port, and HOST_UNFIT.
 */
export async function listen(
  server: Server,
  { name, who = `The forward of ${name}`, localPort, portOwner }: Listening,
  options: ServerOpts = {},
): Promise<void> {
  const failure = (await listenOn(server, '127.0.0.1', localPort)) ?? (await listenOnIpv6(server, localPort, options))
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

/**
 * Listens on ::1 too, on the port that the server has on 127.0.0.1; gives the error if another program uses the wanted
 * port.
 */
async function listenOnIpv6(
  server: Server,
  wanted: number,
  options: ServerOpts,
): Promise<NodeJS.ErrnoException | undefined> {
  const twin = createServer(options, (socket) => server.emit('connection', socket))
  const failure = await listenOn(twin, '::1', (server.address() as AddressInfo).port)
  if (failure === undefined) {
    twin.on('error', (error) => server.emit('error', error))
    server.once('close', () => twin.close())
    return undefined
  }
  // A machine without IPv6, or a free port that was chosen on 127.0.0.1 only.
  if (failure.code !== 'EADDRINUSE' || wanted === 0) return undefined
  await new Promise((resolve) => server.close(resolve))
  return failure
}

/** Gives the error if the server cannot listen there. */
function listenOn(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ host, port }, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
}
