import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { writeAtomic } from '../state/files.ts'
import { encryptionFolder } from './encryption.ts'
import { kindConfig } from './kind-config.ts'
import type { ClusterSpec } from './provider.ts'

/** The command line of kind. */
export interface KindCli {
  /** Version of kind. Throws TOOL_MISSING when it is not installed. */
  version(signal: AbortSignal): Promise<string>
  /** Creates a cluster and its kubeconfig. Throws CLUSTER_FAILED with the last lines of kind. */
  create(spec: ClusterSpec, kubeconfig: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  /** Writes the kubeconfig of a cluster to a file. Throws CLUSTER_FAILED. */
  writeKubeconfig(cluster: string, file: string, signal: AbortSignal): Promise<void>
}

/** The command line of kind, which `runner` runs. `binary` is the path of kind. */
export function kindCli({ runner, binary }: { readonly runner: Runner; readonly binary: string }): KindCli {
  const run = (args: readonly string[], signal: AbortSignal, input?: string, onLine?: (line: string) => void) =>
    runner.run(binary, args, {
      signal,
      // To create a cluster, kind may pull the image of the nodes.
      fetches: args[0] === 'create',
      // devk expects Docker and the network `kind`. These variables would make kind use another provider or network.
      env: {
        KUBECONFIG: undefined,
        KIND_EXPERIMENTAL_PROVIDER: undefined,
        KIND_EXPERIMENTAL_DOCKER_NETWORK: undefined,
      },
      ...(input === undefined ? {} : { input }),
      ...(onLine === undefined ? {} : { onLine }),
    })
  return {
    async version(signal) {
      const { exitCode, stdout, stderr } = await run(['version', '-q'], signal)
      if (exitCode === 0) return stdout.trim().replace(/^v/, '')
      throw new DevkError('TOOL_MISSING', 'kind is not installed or cannot be run', {
        details: stderr === '' ? [] : [stderr],
        hint: 'devk doctor --fix installs it.',
      })
    },
    async create(spec, kubeconfig, onLine, signal) {
      const written = kindConfig(spec, encryptionFolder(kubeconfig))
      const { exitCode, stderr } = await run(createArgs(spec.name, kubeconfig), signal, written, onLine)
      if (exitCode !== 0) throw clusterFailed(`kind could not create the cluster ${spec.name}`, stderr)
    },
    async writeKubeconfig(cluster, file, signal) {
      const { exitCode, stdout, stderr } = await run(['get', 'kubeconfig', '--name', cluster], signal)
      if (exitCode !== 0) throw clusterFailed(`kind could not write the kubeconfig of ${cluster}`, stderr)
      await writeAtomic(file, `${stdout}\n`)
    },
  }
}

/** The arguments of kind that create a cluster. They identify the process. */
export function createArgs(cluster: string, kubeconfig: string): string[] {
  return ['create', 'cluster', '--name', cluster, '--config', '-', '--kubeconfig', kubeconfig]
}

/** The error CLUSTER_FAILED with the last lines of `output`. */
export function clusterFailed(message: string, output = ''): DevkError {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return new DevkError('CLUSTER_FAILED', message, {
    details: lines.slice(-15),
    hint: 'Run devk doctor to find out what keeps nodes from starting, then devk up again.',
  })
}
