import { DevkError } from '../errors.ts'
import { waitUntil } from '../lib/wait.ts'
import type { ClusterEngine } from './nodes.ts'

/** The command of kubectl in a control-plane node of kind. */
export const kindKubectl: readonly string[] = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf']

/** How a command runs in a node. */
export interface NodeRunOptions {
  readonly signal: AbortSignal
  /** Standard input of the command. */
  readonly stdin?: string
}

/**
 * Runs the kubectl of the node image in a control-plane node. This works before a kubeconfig exists on this machine.
 * Returns its output. Throws CLUSTER_FAILED with the last line of its error output.
 */
export async function nodeKubectl(
  engine: ClusterEngine,
  node: string,
  args: readonly string[],
  { signal, ...input }: NodeRunOptions,
): Promise<string> {
  const argv = [...(engine.kubectl ?? kindKubectl), ...args]
  const result = await engine.exec.run(node, argv, input, signal)
  if (result.exitCode === 0) return result.stdout
  const reason = result.stderr.trim().split('\n').at(-1) ?? ''
  throw new DevkError('CLUSTER_FAILED', `kubectl ${args[0]} failed in ${node}: ${reason || `exit ${result.exitCode}`}`)
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly status?: { readonly conditions?: readonly { type: string; status: string; message?: string }[] }
  }[]
}

/** Waits until all these nodes are Ready. Throws NOT_READY with what is missing after `timeoutMs` ms. */
export async function waitForNodes(
  engine: ClusterEngine,
  names: readonly string[],
  options: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly onReason?: (reason: string) => void },
): Promise<void> {
  const [first = ''] = names
  const check = async (signal: AbortSignal): Promise<string | undefined> => {
    try {
      const list = JSON.parse(await nodeKubectl(engine, first, ['get', 'nodes', '-o', 'json'], { signal })) as NodeList
      return unready(list, names)
    } catch (error) {
      if (!(error instanceof DevkError)) throw error
      return error.message
    }
  }
  try {
    await waitUntil(check, { what: `Cluster node ${first}`, intervalMs: 500, ...options })
  } catch (error) {
    if (!(error instanceof DevkError) || error.code !== 'NOT_READY') throw error
    throw new DevkError('NOT_READY', error.message, {
      details: ['A frequent reason is a low inotify limit of the kernel.'],
      hint: 'Run devk doctor to find out what keeps nodes from starting, then devk up again.',
      cause: error,
    })
  }
}

/** The first of `names` that is not Ready, with the kubelet's reason. */
function unready(list: NodeList, names: readonly string[]): string | undefined {
  for (const name of names) {
    const node = list.items.find((item) => item.metadata.name === name)
    if (node === undefined) return `${name} has not joined`
    const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
    if (ready?.status !== 'True')
      return `${name} is not ready: ${ready?.message ?? 'its kubelet has not reported a status'}`
  }
  return undefined
}
