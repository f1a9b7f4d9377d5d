import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { ContainerInfo, Engine } from '../../engine/api.ts'
import type { RegistryCredentials } from '../../engine/image-api.ts'
import { DevkError } from '../../errors.ts'
import { engineLabels } from '../../lib/keys.ts'
import { waitUntil } from '../../lib/wait.ts'
import { type GuardProgram, guardSpec, lacksGuard } from './guard.ts'
import { askRegistry } from './http.ts'
import { ensureLogin, type RegistryLogin, readLogin } from './login.ts'

/** Name of the container of the registry, which all projects share. */
export const registryContainer = 'devk-registry'
/** The image of the registry. */
export const registryImage = 'registry:3'
const inside = '5000/tcp'
const loginInside = '/etc/devk'
/** The network of the nodes of kind. */
export const kindNetwork = 'kind'
const firstPort = 5001

/** The running registry. */
export interface Registry {
  readonly container: string
  readonly port: number
  /** `localhost:5001`, the first part of every reference in it. */
  readonly host: string
  /** URL for nodes in its networks: `http://devk-registry:5000`. */
  readonly nodeUrl: string
  /** undefined for a registry of an older devk, which asks for none. */
  readonly login: RegistryCredentials | undefined
}

/** Where the registry runs. */
export interface RegistryPlace {
  /** Folder on this machine that keeps its data. */
  readonly dataFolder: string
  /** Folder with the login to it. */
  readonly loginFolder: string
  readonly container: string
  /** What makes the registry answer to its own hosts only. */
  readonly guard?: GuardProgram
}

/** The registry that all projects of this user share. */
export function registryPlace(paths: { readonly registry: string; readonly registryLogin: string }): RegistryPlace {
  return { dataFolder: paths.registry, loginFolder: paths.registryLogin, container: registryContainer }
}

/**
 * Starts the loopback registry unless it is running, on 127.0.0.1:5001 or the next free port, which the container
 * keeps. It answers only who has the login of this user, and to its own hosts; a container with another login, or of an
 * older devk without a login or a guard, is replaced. Throws IMAGE_MISSING when the engine does not have registry:3,
 * OBJECT_FOREIGN when devk did not create the container of that name or it has the data of another user, PORT_TAKEN
 * when no port is free, and NOT_READY when the registry does not answer.
 */
export async function ensureRegistry(engine: Engine, place: RegistryPlace, signal: AbortSignal): Promise<Registry> {
  await mkdir(place.dataFolder, { recursive: true })
  const login = await ensureLogin(place.loginFolder)
  const found = await engine.containers.inspect(place.container, signal)
  if (found === undefined) await create(engine, { place, login }, signal)
  else if (found.labels[engineLabels.registry] !== 'true' || isOfAnother(found, place)) throw foreign(found)
  else if (found.labels[engineLabels.registryLogin] !== login.id || (await lacksGuard(found, place.guard))) {
    // By its id: another devk may have replaced it already.
    await engine.containers.remove(found.id, signal)
    await create(engine, { place, login, port: portOf(found) }, signal)
  } else if (found.state !== 'running') await restart(engine, { place, login }, signal)
  const check = async () => {
    const running = await findRegistry(engine, place, signal)
    if (running === undefined) return 'its container is not running'
    return askRegistry(running, '', signal).then(
      (answer) => (answer === undefined ? 'it has no /v2/' : undefined),
      (error: Error) => error.message,
    )
  }
  await waitUntil(check, { what: 'The loopback registry', timeoutMs: 20_000, intervalMs: 50, signal })
  await connectToNodes(engine, place.container, kindNetwork, signal)
  const running = await findRegistry(engine, place, signal)
  if (running === undefined)
    throw new DevkError('NOT_READY', `The container ${place.container} stopped after its start`)
  return running
}

/** The registry if it is running and answers this user. Changes nothing. */
export async function findRegistry(
  engine: Engine,
  { container, loginFolder }: RegistryPlace,
  signal: AbortSignal,
): Promise<Registry | undefined> {
  const found = await engine.containers.inspect(container, signal)
  if (found?.state !== 'running' || found.labels[engineLabels.registry] !== 'true') return undefined
  const wanted = found.labels[engineLabels.registryLogin]
  const login = wanted === undefined ? undefined : await readLogin(loginFolder)
  const port = portOf(found)
  if (port === undefined || login?.id !== wanted) return undefined
  const credentials = login && { username: login.username, password: login.password }
  return { container, port, host: `localhost:${port}`, nodeUrl: `http://${container}:5000`, login: credentials }
}

function portOf({ ports }: ContainerInfo): number | undefined {
  return ports.find((binding) => binding.container === inside)?.hostPort
}

/** Whether a registry keeps the data of another user, or of another cache folder. */
function isOfAnother({ labels }: ContainerInfo, { dataFolder }: RegistryPlace): boolean {
  const data = labels[engineLabels.registryData]
  return data !== undefined && data !== dataFolder
}

/** Removes the container. Its data stays, so that the next push does not have to compress and send all layers again. */
export async function removeRegistry(engine: Engine, container: string, signal: AbortSignal): Promise<void> {
  const found = await engine.containers.inspect(container, signal)
  if (found?.labels[engineLabels.registry] === 'true') await engine.containers.remove(found.id, signal)
}

/** The name and port of the registry in the networks of its nodes: `devk-registry:5000`. */
export function insideName({ nodeUrl }: Pick<Registry, 'nodeUrl'>): string {
  return nodeUrl.replace(/^https?:\/\//, '')
}

/** Attaches the registry to the network of nodes, if that exists. */
export async function connectToNodes(
  engine: Engine,
  container: string,
  network: string,
  signal: AbortSignal,
): Promise<void> {
  if (await engine.networks.exists(network, signal)) await engine.networks.connect(network, container, signal)
}

/** What a container of the registry is made from. */
interface Creation {
  readonly place: RegistryPlace
  readonly login: RegistryLogin
  /** The port to try first. */
  readonly port?: number | undefined
}

/** Recreates the container with another port when its port was taken while it was stopped. */
async function restart(engine: Engine, creation: Creation, signal: AbortSignal): Promise<void> {
  const { container } = creation.place
  try {
    await engine.containers.start(container, signal)
  } catch (error) {
    if (!(error instanceof DevkError)) throw error
    await engine.containers.remove(container, signal)
    await create(engine, creation, signal)
  }
}

async function create(engine: Engine, { place, login, port }: Creation, signal: AbortSignal): Promise<void> {
  const { container, dataFolder } = place
  const { labels, env, ...guard } = (await guardSpec(container, place.guard)) ?? {}
  const spec = {
    ...guard,
    name: container,
    image: registryImage,
    labels: {
      [engineLabels.registry]: 'true',
      [engineLabels.registryData]: dataFolder,
      [engineLabels.registryLogin]: login.id,
      ...labels,
    },
    env: {
      REGISTRY_AUTH_HTPASSWD_REALM: 'devk',
      REGISTRY_AUTH_HTPASSWD_PATH: `${loginInside}/htpasswd`,
      REGISTRY_STORAGE_DELETE_ENABLED: 'true',
      REGISTRY_LOG_LEVEL: 'warn',
      OTEL_TRACES_EXPORTER: 'none',
      ...env,
    },
    ports: [{ container: inside, hostPort: await freePort(port ?? firstPort) }],
    binds: [
      { source: dataFolder, target: '/var/lib/registry' },
      { source: login.serverFolder, target: loginInside },
    ],
    restart: 'unless-stopped',
  } as const
  try {
    await engine.containers.create(spec, signal)
    await engine.containers.start(container, signal)
  } catch (error) {
    // Two projects may start at the same time: the second one uses the container of the first.
    if ((error as { statusCode?: unknown }).statusCode === 409) return
    if (error instanceof DevkError && error.code !== 'IMAGE_MISSING') await engine.containers.remove(container, signal)
    throw error
  }
}

async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 100; port++) if (await isFree(port)) return port
  throw new DevkError('PORT_TAKEN', `None of the ports ${from} to ${from + 99} is free for the loopback registry`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

function foreign(found: ContainerInfo): DevkError {
  const data = found.labels[engineLabels.registryData]
  const whose = data === undefined ? 'devk did not create it' : 'it is the registry of another user or cache folder'
  return new DevkError('OBJECT_FOREIGN', `The container ${found.name} already exists, and ${whose}`, {
    details: data === undefined ? [] : [`its data is in ${data}`],
    hint: `Rename or remove it (docker rename ${found.name} other), then run devk up again.`,
  })
}
