import { DevkError } from '../errors.ts'
import type { Runner, RunResult } from '../exec/runner.ts'
import { inRange } from '../lib/version.ts'
import { containerLimits } from './node-size.ts'
import type { ClusterSpec } from './provider.ts'

/** The oldest supported Minikube. It has all flags that devk uses, and starts Kubernetes 1.32 and newer. */
const oldestMinikube = '1.35.0'

/** One node in the output of `minikube status -o json` (1.38). */
export interface MinikubeStatus {
  readonly Name: string
  readonly Host: string
  readonly Kubelet: string
  readonly APIServer: string
  readonly Kubeconfig: string
  readonly Worker: boolean
}

/** The command line of minikube. Every call names the profile. */
export interface MinikubeCli {
  /** Version of minikube. Throws TOOL_MISSING when it is not installed or too old. */
  version(signal: AbortSignal): Promise<string>
  /**
   * Creates or starts the profile and waits for its nodes. Throws CLUSTER_FAILED with the reason that minikube gives.
   */
  start(spec: ClusterSpec, kubeconfig: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  /** The nodes, the first control plane first. Returns [] for a profile that does not exist or has no containers. */
  status(profile: string, signal: AbortSignal): Promise<readonly MinikubeStatus[]>
  /** Writes the context of the profile to a kubeconfig. Throws CLUSTER_FAILED. */
  updateContext(profile: string, kubeconfig: string, signal: AbortSignal): Promise<void>
  /** Whether minikube has a profile of this name, valid or not. */
  exists(profile: string, signal: AbortSignal): Promise<boolean>
  /**
   * Deletes the profile. Throws CLUSTER_FAILED. The caller must check that the containers are gone: minikube also
   * reports success when the engine does not respond.
   */
  delete(profile: string, kubeconfig: string, signal: AbortSignal): Promise<void>
}

/** What the command line of minikube needs. */
export interface MinikubeCliDeps {
  readonly runner: Pick<Runner, 'run'>
  /** The PATH to find minikube on. */
  readonly path: string
  /** Whether devk runs as root. The docker driver of minikube then needs --force. */
  readonly root: boolean
}

/** The command line of minikube, run by `runner`. */
export function minikubeCli({ runner, path, root }: MinikubeCliDeps): MinikubeCli {
  const run = (
    args: readonly string[],
    signal: AbortSignal,
    more: { kubeconfig?: string; onLine?: (line: string) => void } = {},
  ): Promise<RunResult> =>
    runner.run('minikube', args, {
      signal,
      // Minikube may pull the image of the nodes.
      fetches: args[0] === 'start',
      // MINIKUBE_HOME stays as the user set it. minikube writes contexts to the private kubeconfig only.
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
        throw new DevkError('TOOL_MISSING', 'minikube is not installed or cannot be run', { details, hint })
      }
      if (inRange(found, `>=${oldestMinikube}`)) return found
      throw new DevkError('TOOL_MISSING', `minikube ${found} is too old: devk needs ${oldestMinikube}`, { hint })
    },
    async start(spec, kubeconfig, onLine, signal) {
      const events: string[] = []
      const onEvent = (line: string) => {
        events.push(line)
        const text = progressOf(line)
        if (text !== undefined) onLine(text)
      }
      const args = startArgs(spec, root)
      const { exitCode, stderr } = await run(args, signal, { kubeconfig, onLine: onEvent })
      // As root, a successful start has error events too. Only the exit code counts.
      if (exitCode === 0) return
      throw failed(`minikube could not start ${spec.name} (exit ${exitCode})`, [...reasons(events), stderr])
    },
    async status(profile, signal) {
      const { exitCode, stdout } = await run(['status', '-p', profile, '-o', 'json'], signal)
      // 85: the profile does not exist. Other codes are sums of flags for unhealthy components, and stdout has the
      // nodes.
      if (exitCode === 85 || exitCode === 127) return []
      const value = parseJson(stdout) as MinikubeStatus | MinikubeStatus[] | null | undefined
      return value === null || value === undefined ? [] : Array.isArray(value) ? value : [value]
    },
    async updateContext(profile, kubeconfig, signal) {
      const { exitCode, stdout, stderr } = await run(['update-context', '-p', profile], signal, { kubeconfig })
      if (exitCode !== 0) throw failed(`minikube could not write the kubeconfig of ${profile}`, [stdout, stderr])
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
  const { kubernetesVersion, cni, startArgs: more = [] } = spec.minikube ?? {}
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
    ...(spec.mount === undefined ? [] : ['--mount', `--mount-string=${spec.mount}`]),
    // Without --force the docker driver of minikube refuses to run as root (exit 57).
    ...(root ? ['--force'] : []),
    ...more,
  ]
}

/**
 * Minikube gives all nodes the same size, in whole CPUs. devk then limits each node to its own size. When a node has no
 * size, minikube gets none.
 */
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

/**
 * The text of a progress line: steps and warnings. Other events are settings, hints, and errors that may not be fatal.
 */
function progressOf(line: string): string | undefined {
  const { type, data } = (parseJson(line) ?? {}) as MinikubeEvent
  if (type?.endsWith('.step')) return data?.name
  return type?.endsWith('.warning') ? data?.message : undefined
}

/** The messages of fatal errors. These events have an exit code. */
function reasons(lines: readonly string[]): string[] {
  const all = lines.map((line) => ((parseJson(line) ?? {}) as MinikubeEvent).data)
  return all.flatMap((data) => (data?.exitcode === undefined ? [] : [data.message ?? '', data.advice ?? '']))
}

function failed(message: string, output: readonly string[]): DevkError {
  const lines = output.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '')
  return new DevkError('CLUSTER_FAILED', message, {
    details: lines.slice(0, 15),
    hint: 'Run devk doctor to find out what keeps nodes from starting, then devk up again.',
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
