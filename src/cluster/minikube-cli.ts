import { DevkError } from '../errors.ts'
import type { Runner, RunResult } from '../exec/runner.ts'
import { inRange } from '../lib/version.ts'
import { containerLimits } from './node-size.ts'
import type { ClusterSpec } from './provider.ts'

/** The oldest Minikube that is looked after: it has all flags used here and starts Kubernetes 1.32 and newer. */
const oldestMinikube = '1.35.0'

/** minikube's own words about a node, from `status -o json` (1.38). */
export interface MinikubeStatus {
  readonly Name: string
  readonly Host: string
  readonly Kubelet: string
  readonly APIServer: string
  readonly Kubeconfig: string
  readonly Worker: boolean
}

/** minikube by its command line; every call names the profile. */
export interface MinikubeCli {
  /** Throws TOOL_MISSING, also for one that is too old. */
  version(signal: AbortSignal): Promise<string>
  /** Starts, or makes, the profile and waits for its nodes. Throws CLUSTER_FAILED with minikube's reason. */
  start(spec: ClusterSpec, kubeconfig: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  /** The nodes, the first control plane first; [] for a profile that is not there, or that lost its containers. */
  status(profile: string, signal: AbortSignal): Promise<readonly MinikubeStatus[]>
  /** Writes the profile's context into a kubeconfig that may lack it. Throws CLUSTER_FAILED. */
  updateContext(profile: string, kubeconfig: string, signal: AbortSignal): Promise<void>
  /** Whether minikube keeps a profile of this name, whole or damaged. */
  exists(profile: string, signal: AbortSignal): Promise<boolean>
  /** Throws CLUSTER_FAILED. That a container is gone must be proven by the caller: with a silent engine minikube reports success. */
  delete(profile: string, kubeconfig: string, signal: AbortSignal): Promise<void>
}

export interface MinikubeCliDeps {
  readonly runner: Pick<Runner, 'run'>
  /** The PATH that it is found on. */
  readonly path: string
  /** Whether devk runs as root, where minikube's docker driver wants to be forced. */
  readonly root: boolean
}

export function minikubeCli({ runner, path, root }: MinikubeCliDeps): MinikubeCli {
  const run = (
    args: readonly string[],
    signal: AbortSignal,
    more: { kubeconfig?: string; onLine?: (line: string) => void } = {},
  ): Promise<RunResult> =>
    runner.run('minikube', args, {
      signal,
      // MINIKUBE_HOME is the user's; what minikube writes about contexts goes to the private file only.
      env: {
        PATH: path,
        KUBECONFIG: more.kubeconfig,
        MINIKUBE_WANTUPDATENOTIFICATION: 'false',
        MINIKUBE_WANTREPORTERRORPROMPT: 'false',
      },
      ...(more.onLine === undefined ? {} : { onLine: more.onLine }),
    })
  return {
    async version(signal) {
      const { exitCode, stdout, stderr } = await run(['version', '-o', 'json'], signal)
      const found = exitCode === 0 ? /^v(\d+\.\d+\.\d+)/.exec(field(stdout, 'minikubeVersion'))?.[1] : undefined
      const hint = `Install Minikube ${oldestMinikube} or newer, or set cluster.provider to "kind".`
      if (found === undefined) {
        const details = stderr === '' ? [] : [stderr]
        throw new DevkError('TOOL_MISSING', 'minikube is not installed, or cannot be run', { details, hint })
      }
      if (inRange(found, `>=${oldestMinikube}`)) return found
      throw new DevkError('TOOL_MISSING', `minikube ${found} is too old: devk needs ${oldestMinikube}`, { hint })
    },
    async start(spec, kubeconfig, onLine, signal) {
      const events: string[] = []
      const onEvent = (line: string) => {
        events.push(line)
        const told = news(line)
        if (told !== undefined) onLine(told)
      }
      const args = startArgs(spec, root)
      const { exitCode, stderr } = await run(args, signal, { kubeconfig, onLine: onEvent })
      // As root error events are part of a good start; only the exit code tells.
      if (exitCode === 0) return
      throw failed(`minikube could not start ${spec.name} (exit ${exitCode})`, [...reasons(events), stderr])
    },
    async status(profile, signal) {
      const { exitCode, stdout } = await run(['status', '-p', profile, '-o', 'json'], signal)
      // 85: no such profile, told in events. The other codes are sums of what is not well, and stdout has the nodes.
      if (exitCode === 85 || exitCode === 127) return []
      const value = parseJson(stdout) as MinikubeStatus | MinikubeStatus[] | null | undefined
      return value === null || value === undefined ? [] : Array.isArray(value) ? value : [value]
    },
    async updateContext(profile, kubeconfig, signal) {
      const { exitCode, stdout, stderr } = await run(['update-context', '-p', profile], signal, { kubeconfig })
      if (exitCode !== 0) throw failed(`minikube gives no kubeconfig for ${profile}`, [stdout, stderr])
    },
    async exists(profile, signal) {
      const { exitCode, stdout } = await run(['profile', 'list', '-o', 'json', '--light'], signal)
      const lists = exitCode === 0 ? (parseJson(stdout) as ProfileList | undefined) : undefined
      return [...(lists?.valid ?? []), ...(lists?.invalid ?? [])].some(({ Name }) => Name === profile)
    },
    async delete(profile, kubeconfig, signal) {
      const { exitCode, stdout, stderr } = await run(['delete', '-p', profile, '-o', 'json'], signal, { kubeconfig })
      if (exitCode === 0) return
      throw failed(`minikube could not delete ${profile} (exit ${exitCode})`, [...reasons(stdout.split('\n')), stderr])
    },
  }
}

interface ProfileList {
  readonly valid?: readonly { readonly Name: string }[]
  readonly invalid?: readonly { readonly Name: string }[]
}

/** The command line of `minikube start` for a cluster. */
export function startArgs(spec: ClusterSpec, root: boolean): string[] {
  const planes = spec.nodes.filter(({ role }) => role === 'control-plane').length
  const { kubernetesVersion, cni, mount, startArgs: more = [] } = spec.minikube ?? {}
  const given = (flag: string, value: string | undefined) => (value ? [`--${flag}=${value}`] : [])
  return [
    ...['start', '-p', spec.name, '-o', 'json', '--driver=docker', '--container-runtime=containerd'],
    ...['--interactive=false', '--embed-certs', '--wait=all'],
    ...(planes > 1 ? ['--ha'] : []),
    ...(spec.nodes.length > 1 ? [`--nodes=${spec.nodes.length}`] : []),
    ...given('kubernetes-version', kubernetesVersion),
    ...given('base-image', spec.image),
    ...given('cni', cni),
    ...sizeArgs(spec),
    ...given('service-cluster-ip-range', spec.serviceSubnet),
    ...given('extra-config', spec.podSubnet && `kubeadm.pod-network-cidr=${spec.podSubnet}`),
    ...spec.ports.map(({ host, node }) => `--ports=127.0.0.1:${host}:${node}`),
    ...(mount === undefined ? [] : ['--mount', `--mount-string=${mount}`]),
    // Without it minikube's docker driver refuses to run as root (exit 57).
    ...(root ? ['--force'] : []),
    ...more,
  ]
}

/** Minikube gives all nodes one size, in whole CPUs; devk then fits each to its own. Without a size on each, the rest has none either. */
function sizeArgs({ nodes }: ClusterSpec): string[] {
  const limits = nodes.map(({ size }) => (size === undefined ? {} : containerLimits(size)))
  const largest = (key: 'cpu' | 'memory', unit: number) =>
    Math.ceil(Math.max(...limits.map((each) => each[key] ?? Number.NaN)) / unit)
  const [cpus, mebibytes] = [largest('cpu', 1000), largest('memory', 1024 ** 2)]
  return [
    ...(Number.isNaN(cpus) ? [] : [`--cpus=${Math.max(2, cpus)}`]),
    ...(Number.isNaN(mebibytes) ? [] : [`--memory=${mebibytes}mb`]),
  ]
}

/** One line of `-o json`: a CloudEvent. */
interface MinikubeEvent {
  readonly type?: string
  readonly data?: {
    readonly name?: string
    readonly message?: string
    readonly advice?: string
    readonly exitcode?: string
  }
}

/** What is worth a line while a start runs: its steps and warnings. The rest is settings, hints, and errors that need not be the end. */
function news(line: string): string | undefined {
  const { type, data } = (parseJson(line) ?? {}) as MinikubeEvent
  if (type?.endsWith('.step')) return data?.name
  return type?.endsWith('.warning') ? data?.message : undefined
}

/** The errors among events that ended the run: they have an exit code. */
function reasons(lines: readonly string[]): string[] {
  const all = lines.map((line) => ((parseJson(line) ?? {}) as MinikubeEvent).data)
  return all.flatMap((data) => (data?.exitcode === undefined ? [] : [data.message ?? '', data.advice ?? '']))
}

function failed(message: string, output: readonly string[]): DevkError {
  const lines = output.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '')
  return new DevkError('CLUSTER_FAILED', message, {
    details: lines.slice(0, 15),
    hint: 'devk doctor looks for what keeps nodes from starting; devk up tries again.',
  })
}

function field(text: string, key: string): string {
  const value = (parseJson(text) as Record<string, unknown> | undefined)?.[key]
  return typeof value === 'string' ? value : ''
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
