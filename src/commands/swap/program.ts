import { randomInt } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeAgents } from '../../agent/node-agents.ts'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { toolchainEnvironment } from '../../exec/environment.ts'
import { connectFromNode } from '../../forward/connect.ts'
import { endpointAddress } from '../../kube/endpoints.ts'
import { labels } from '../../lib/keys.ts'
import { type OneRun, startRun } from '../../local/one-run.ts'
import type { OpenProject } from '../../project/open.ts'
import { writeAtomic } from '../../state/files.ts'
import { containerEnvironment } from '../../swap/environment.ts'
import { hostsText, type NamedService, namedServices, serviceVariables } from '../../swap/names.ts'
import { mayHaveHosts, withHosts } from '../../swap/own-hosts.ts'
import type { SwapPort } from '../../swap/ports.ts'
import { serveNames } from '../../swap/serve-names.ts'
import { podFields, type SwapTarget } from './target.ts'
import { tell } from './tell.ts'

/** What to start in place of the pods of a Service. */
export interface ProgramOptions {
  readonly argv: readonly string[]
  readonly project: OpenProject
  readonly target: SwapTarget
  readonly ports: readonly SwapPort[]
  readonly agents: Pick<NodeAgents, 'open'>
  /** The container of a node, from which Services are reached. */
  readonly node: string
}

/** A started program. */
export interface Started extends OneRun {
  /** How many variables of the pod it has. */
  readonly variables: number
  /** What a pod has and the program has not, each with the reason. */
  readonly missing: readonly string[]
}

/**
 * Starts the program of the user with the variables of the pod, and with the names of Services as far as this system
 * allows that. What it needs besides ends with the signal. Throws KUBE_API.
 */
export async function startProgram(ctx: CliContext, options: ProgramOptions, signal: AbortSignal): Promise<Started> {
  const { project, target, ports } = options
  const { container, service } = target
  const namespace = service.metadata.namespace ?? 'default'
  const sources = { kube: project.kube, namespace, fields: podFields(target), signal }
  const own = container ? await containerEnvironment(container, sources) : { values: {}, missing: [] }
  const named = await withNames(ctx, { ...options, namespace }, signal)
  const values = { ...named.variables, ...own.values }
  const env = { ...toolchainEnvironment(ctx.env), ...values, ...portVariable(own.values, ports[0]) }
  const onLine = (text: string) => tell(ctx, { event: 'line', text })
  const run = startRun(ctx.runner, { argv: named.argv, cwd: ctx.cwd, env, onLine })
  return { ...run, variables: Object.keys(values).length, missing: [...own.missing, ...named.missing] }
}

/** A program that reads its port from PORT listens on the port that devk leads to. */
function portVariable(values: Readonly<Record<string, string>>, first: SwapPort | undefined): Record<string, string> {
  return first !== undefined && values.PORT === String(first.target) ? { PORT: String(first.local) } : {}
}

interface Named {
  readonly argv: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly missing: readonly string[]
}

/** Makes the Services of the project reachable, at addresses of this machine, by the names that pods use. */
async function withNames(
  ctx: CliContext,
  { argv, project, ports, agents, node, namespace }: ProgramOptions & { readonly namespace: string },
  signal: AbortSignal,
): Promise<Named> {
  if (process.platform !== 'linux') {
    return { argv, variables: {}, missing: ['names of Services (devk gives them on Linux only)'] }
  }
  const all = await projectServices(project, signal)
  const services = namedServices(all, namespace, [randomInt(64, 128), randomInt(256)])
  const connect = async (service: NamedService, port: number, either: AbortSignal) => {
    const address = service.clusterIP ?? (await endpointAddress(project.kube, service, either))
    if (address === undefined) throw new DevkError('NOT_READY', `${service.names[0]} has no ready pod`)
    return await connectFromNode(agents, node, `${address} ${port}`, either)
  }
  // The program may listen on all addresses, which it cannot if devk has its port on one of them.
  const reserved = new Set(ports.map(({ local }) => local))
  const unopened = await serveNames(services, { connect, reserved }, signal)
  const variables = serviceVariables(services, namespace)
  const file = join(ctx.paths.project(project.record.name).folder, `swap-${process.pid}.hosts`)
  await writeAtomic(file, hostsText(await readFile('/etc/hosts', 'utf8').catch(() => ''), services))
  signal.addEventListener('abort', () => void rm(file, { force: true }), { once: true })
  const ids = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  if (await mayHaveHosts(ctx.runner, file, ids, signal)) {
    return { argv: withHosts(file, argv, ids), variables, missing: unopened }
  }
  const reason = 'names of Services (this system does not let its users mount /etc/hosts for a program)'
  return { argv, variables, missing: [reason, ...unopened] }
}

/** The Services in all namespaces in which the project has some. */
async function projectServices({ kube, record }: OpenProject, signal: AbortSignal) {
  const all = await kube.list({ apiVersion: 'v1', kind: 'Service' }, { signal })
  const isOwn = all.filter(({ metadata }) => metadata.labels?.[labels.project] === record.name)
  const namespaces = new Set(isOwn.map(({ metadata }) => metadata.namespace))
  return all.filter(({ metadata }) => namespaces.has(metadata.namespace))
}
