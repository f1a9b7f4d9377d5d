import type { CliContext, CommandFunction } from '../../context.ts'
import type { Debugger } from '../../debug/debugger.ts'
import { debugpyWheel } from '../../debug/debugpy.ts'
import { debuggerFor } from '../../debug/detect.ts'
import { programRunner } from '../../debug/in-container.ts'
import { requireJetbrains } from '../../debug/jetbrains.ts'
import { type DebugSession, debugSession } from '../../debug/session.ts'
import { DevkError } from '../../errors.ts'
import { type Forward, startForward } from '../../forward/forwarder.ts'
import { portOwners } from '../../host/port-owner.ts'
import type { PodStreams } from '../../kube/api.ts'
import type { Pod } from '../../kube/pod.ts'
import { podNames } from '../../kube/pod-workload.ts'
import { abortable } from '../../lib/wait.ts'
import { type LoadedProject, loadProject } from '../../project/load.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { oneWorkload, workloadsOf } from '../../release/workloads.ts'
import { readyPod, serviceContainer, servicePods } from '../exec.ts'
import { type EditorName, editorOf, offerEditor } from './editors.ts'
import { mappingsIn } from './mappings.ts'
import { debuggerOfImage } from './of-image.ts'
import { tell } from './tell.ts'

/** Flags of `devk debug`. */
export interface DebugFlags {
  readonly port?: number
  readonly write?: EditorName
  readonly workload?: string
}

/** How long the pods of the session may take to become ready, and the end of a session. */
const readyMs = 300_000
const endMs = 20_000

/**
 * `devk debug SERVICE`: opens the debugger of a running program and forwards it to 127.0.0.1, until Ctrl-C. Throws
 * USAGE, DEBUG_UNAVAILABLE, PORT_TAKEN, NOT_READY, OBJECT_FOREIGN, KUBE_API, and what `loadProject` throws.
 */
export const runDebug: CommandFunction<DebugFlags> = async (ctx, [service = ''], flags) => {
  const { port } = flags
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw new DevkError('USAGE', `${port} is no port`, { hint: 'Ports are 1 to 65535.' })
  }
  const project = await openProject(ctx)
  const { profile, overlay } = project.record
  const loaded = await loadProject(ctx, { profile, overlay })
  const { config } = loaded
  const editor = flags.write && editorOf(flags.write, config.root)
  // A file that cannot be changed is an error before anything else changes.
  await editor?.check(service)
  const { debug, session } = await prepared(ctx, project, { service, named: flags.workload, loaded })
  if (flags.write === 'jetbrains') requireJetbrains(debug.runtime)
  const stop = new AbortController()
  const signal = AbortSignal.any([ctx.signal, stop.signal])
  try {
    const { streams } = project
    const forward = await listen(ctx, { service, session, streams, port: port ?? debug.defaultPort, signal })
    const attached = await session.attach()
    const { runtime } = debug
    const mappings = await mappingsIn(config, service, attached)
    const about = { service, runtime, port: forward.localPort, mappings }
    await editor?.write(about)
    await tell(ctx, { about, attached, written: editor?.pathOf(service) })
    if (editor === undefined && ctx.isTTY && !ctx.json) await offerEditor(ctx, config.root, about)
    await forward.done
    ctx.signal.throwIfAborted()
    return 0
  } finally {
    stop.abort()
    for (const problem of await session.end(AbortSignal.timeout(endMs))) ctx.stderr.write(`! ${problem}\n`)
  }
}

/** What is to be debugged. */
interface Wanted {
  readonly service: string
  /** The workload that the user has named. */
  readonly named: string | undefined
  readonly loaded: LoadedProject
}

/** Finds the debugger for a service. Changes nothing in the cluster. */
async function prepared(
  ctx: CliContext,
  project: OpenProject,
  { service, named, loaded }: Wanted,
): Promise<{ readonly debug: Debugger; readonly session: DebugSession }> {
  const { record, kube, streams } = project
  const workload = async (signal: AbortSignal) =>
    oneWorkload(service, await workloadsOf(kube, record.name, [service], signal), named)
  const present = await workload(ctx.signal)
  const { kind, metadata } = present
  const isIts = (pod: Pod) => podNames(pod).some((each) => each.kind === kind && each.name === metadata.name)
  const pods = async (signal: AbortSignal) => (await servicePods(project, service, signal)).filter(isIts)
  const pod = async (signal: AbortSignal) => readyPod(service, await pods(signal))
  const first = await pod(ctx.signal)
  const recorded = record.services.find(({ name }) => name === service)?.container
  const isThere = first.spec?.containers?.some(({ name }) => name === recorded)
  const container = (isThere ? recorded : serviceContainer(first, service)) ?? ''
  const run = programRunner(streams)
  const { name, namespace = 'default' } = first.metadata
  const debugpy = (signal: AbortSignal) => debugpyWheel({ runner: ctx.runner, cache: ctx.paths.cache }, signal)
  const image = { loaded, workload: present, container, streams }
  const ofImage = (signal: AbortSignal) => debuggerOfImage(ctx, image, signal)
  const debug = await debuggerFor(run, { pod: { name, namespace }, container }, { debugpy, ofImage }, ctx.signal)
  await debug.before?.(ctx.signal)
  const onWait = (reason: string) => {
    if (!ctx.json) ctx.stderr.write(`${reason} …\n`)
  }
  const { clock, signal } = ctx
  const about = { kube, streams, run, debug, workload, pods, pod, container }
  return { debug, session: debugSession({ ...about, clock, signal, timeoutMs: readyMs, onWait }) }
}

interface Listening {
  readonly service: string
  readonly session: DebugSession
  readonly streams: PodStreams
  readonly port: number
  readonly signal: AbortSignal
}

/** Listens on the port. Each connection finds the debugger anew: a save may have started the program again. */
function listen(ctx: CliContext, { service, session, streams, port, signal }: Listening): Promise<Forward> {
  return startForward({
    name: `the debugger of ${service}`,
    localPort: port,
    remotePort: port,
    target: () => ({ namespace: '', name: service }),
    connect: async (_target, _port, either) => {
      const { place, port: remote } = await abortable(session.attach(), either)
      return streams.connect(place.pod, remote, either)
    },
    guard: { hosts: [], checksOrigin: true },
    signal,
    now: ctx.clock,
    portOwner: portOwners(ctx.runner, process.platform),
  })
}
