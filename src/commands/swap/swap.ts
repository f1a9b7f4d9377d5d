import { nodeAgents } from '../../agent/node-agents.ts'
import { isTaken } from '../../cluster/host-ports.ts'
import { minikubeKubectl } from '../../cluster/minikube-nodes.ts'
import { kindKubectl } from '../../cluster/node-kubectl.ts'
import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { connectLoopback } from '../../forward/loopback.ts'
import { ownerText, portOwners } from '../../host/port-owner.ts'
import { labels } from '../../lib/keys.ts'
import { messageOf } from '../../lib/text.ts'
import { abortable } from '../../lib/wait.ts'
import type { OneRun } from '../../local/one-run.ts'
import { agentProgram } from '../../platform/agent.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { workloadsOf } from '../../release/workloads.ts'
import { type SwapPort, swapPorts } from '../../swap/ports.ts'
import { prepareSwap, type SwapSession } from '../../swap/session.ts'
import { type Started, startProgram } from './program.ts'
import { type SwapTarget, swapTarget } from './target.ts'
import { tell } from './tell.ts'

/** Flags of `devk swap`. */
export interface SwapFlags {
  /** As the user wrote them: `8080`, `http=8080`. */
  readonly port: readonly string[]
}

/** Limits of leading a Service back (ms), and the time after which devk says that it waits for a program. */
const endMs = 20_000
const quietMs = 1500

/**
 * `devk swap SERVICE [-- COMMAND]`: leads a Service to a program of this machine, until the program ends or Ctrl-C.
 * Returns the exit code of the program. Throws USAGE, PORT_TAKEN, NODE_AGENT, OBJECT_FOREIGN, CLUSTER_MISSING,
 * KUBE_API.
 */
export const runSwap: CommandFunction<SwapFlags> = async (ctx, [name = '', ...argv], flags) => {
  const project = await openProject(ctx)
  const kubectl = kubectlOf(project)
  const target = await findTarget(project, name, ctx.signal)
  const ports = swapPorts(target.service, target.template, flags.port)
  const about = { name: `${target.service.metadata.namespace}/${target.service.metadata.name}`, ports }
  if (argv.length > 0) await requireFree(ctx, ports)
  const stop = new AbortController()
  const signal = AbortSignal.any([ctx.signal, stop.signal])
  const agents = nodeAgents({ runner: ctx.runner, binary: agentProgram(ctx), onUnusable: () => {} })
  try {
    const nodes = await project.kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal })
    const isPlane = 'node-role.kubernetes.io/control-plane'
    const plane = nodes.find(({ metadata }) => isPlane in (metadata.labels ?? {})) ?? nodes[0]
    const preparing = prepareSwap(
      {
        ...{ kube: project.kube, project: project.record.name, agents, ports, kubectl },
        service: { namespace: target.service.metadata.namespace ?? 'default', name: target.service.metadata.name },
        nodes: nodes.map(({ metadata }) => metadata.name),
        plane: plane?.metadata.name ?? '',
        connect: connectLoopback,
        onFailed: (node, error) => {
          if (signal.aborted) return
          void tell(ctx, { event: 'problem', text: `pods on node ${node} do not reach it: ${messageOf(error)}` })
        },
      },
      stop.signal,
    )
    const session = await abortable(preparing, ctx.signal)
    const node = plane?.metadata.name ?? ''
    const start = () => startProgram(ctx, { argv, project, target, ports, agents, node }, signal)
    return await swapped(ctx, { ...about, session, signal, start: argv.length === 0 ? undefined : start })
  } finally {
    stop.abort()
    agents.close()
  }
}

interface Swapping {
  readonly name: string
  readonly ports: readonly SwapPort[]
  readonly session: SwapSession
  /** Starts the program; undefined for one that runs already. */
  readonly start: (() => Promise<Started>) | undefined
  /** Aborted at the end, however it comes. */
  readonly signal: AbortSignal
}

/** Runs the program, if there is one, and leads the Service to it as soon as it listens. Returns the exit code. */
async function swapped(ctx: CliContext, { name, ports, session, start, signal }: Swapping): Promise<number> {
  let run: Started | undefined
  let isLed = false
  let answers = true
  try {
    run = await start?.()
    const first = await Promise.race([untilListening(ctx, ports[0]?.local ?? 0, signal), ended(run)])
    if (first === undefined) {
      await session.lead()
      isLed = true
      const { variables = 0, missing = [] } = run ?? {}
      await tell(ctx, { event: 'swapped', service: name, ports, variables, missing })
    }
    const last = first ?? (await abortable(Promise.race([ended(run), session.lost]), ctx.signal))
    ctx.signal.throwIfAborted()
    if (typeof last === 'string') {
      await tell(ctx, { event: 'lost', reason: last })
      return 1
    }
    answers = false
    await tell(ctx, { event: 'ended', reason: last.reason, exitCode: last.exitCode ?? null })
    return last.exitCode ?? 1
  } finally {
    const problems = await session.end(isLed && answers, AbortSignal.timeout(endMs))
    for (const text of problems) await tell(ctx, { event: 'problem', text })
    if (isLed && problems.length === 0) await tell(ctx, { event: 'restored', service: name })
    await run?.end()
  }
}

/** Resolves when something listens on a port of this machine. */
async function untilListening(ctx: CliContext, port: number, signal: AbortSignal): Promise<undefined> {
  const late = setTimeout(() => void tell(ctx, { event: 'waiting', port }), quietMs)
  try {
    const socket = await connectLoopback(port, signal, Number.POSITIVE_INFINITY)
    socket.on('error', () => {}).destroy()
  } finally {
    clearTimeout(late)
  }
}

function ended(run: OneRun | undefined): OneRun['ended'] {
  return run?.ended ?? new Promise(() => {})
}

async function findTarget({ kube, record }: OpenProject, name: string, signal: AbortSignal): Promise<SwapTarget> {
  const own = `${labels.project}=${record.name},!${labels.preset}`
  const [services, workloads] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Service' }, { labels: own, signal }),
    workloadsOf(kube, record.name, [], signal),
  ])
  return swapTarget(name, { services, workloads, record: record.services })
}

/** The nodes of clusters that devk made are containers with the names of the nodes. Throws USAGE for others. */
function kubectlOf({ record }: OpenProject): readonly string[] {
  const { provider, context } = record.cluster
  if (provider === 'kind') return kindKubectl
  if (provider === 'minikube') return minikubeKubectl
  throw new DevkError('USAGE', `${context} is a cluster that devk did not make`, {
    details: ['devk swap needs an agent on each node, and a Service that nobody else uses.'],
    hint: 'Use devk swap with cluster.provider kind or minikube.',
  })
}

/** Throws PORT_TAKEN if a program listens where the started one is to. */
async function requireFree(ctx: CliContext, ports: readonly SwapPort[]): Promise<void> {
  const portOwner = portOwners(ctx.runner, process.platform)
  for (const { local } of ports) {
    if (!(await isTaken(local))) continue
    const owner = await portOwner(local)
    throw new DevkError('PORT_TAKEN', `Port ${local} is taken by ${owner ? ownerText(owner) : 'another program'}`, {
      details: ['The program that devk starts is to listen there.'],
      hint: 'Stop that program, choose another port with --port, or leave the command out to lead the Service to it.',
    })
  }
}
