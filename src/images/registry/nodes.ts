import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { basicAuthorization } from './login.ts'
import { connectToNodes, insideName, kindNetwork, type Registry } from './registry.ts'

/**
 * Configures the containerd of each node in a network to use the registry for `localhost:<port>`, and for its name in
 * that network: other tools name images after either (KEP-1755). Writes nothing where that is already configured. Only
 * root of the node can read the login. Throws LOAD_FAILED.
 */
export async function connectNodes(
  engine: Engine,
  registry: Registry,
  { nodes, network = kindNetwork }: { readonly nodes: readonly string[]; readonly network?: string },
  signal: AbortSignal,
): Promise<void> {
  await connectToNodes(engine, registry.container, network, signal)
  const folders = [registry.host, insideName(registry)].map((name) => `/etc/containerd/certs.d/${name}`)
  const argv = ['sh', '-c', write, 'sh', ...folders]
  const connect = async (node: string) => {
    const result = await engine.exec.run(node, argv, { stdin: hostsFile(registry) }, signal)
    if (result.exitCode === 0) return
    throw new DevkError('LOAD_FAILED', `Node ${node} cannot be connected to the registry: ${result.stderr.trim()}`)
  }
  await Promise.all(nodes.map(connect))
}

/** The login comes on the standard input, since the arguments of a process can be seen by others. */
const write = `umask 077
new=$(mktemp) && cat > "$new" || exit
for folder; do
  file=$folder/hosts.toml
  cmp -s "$new" "$file" || { mkdir -p "$folder" && cp "$new" "$file.new" && mv -f "$file.new" "$file" || exit; }
done
rm -f "$new"`

/** See https://github.com/containerd/containerd/blob/main/docs/hosts.md. */
function hostsFile({ nodeUrl, login }: Pick<Registry, 'nodeUrl' | 'login'>): string {
  const header =
    login === undefined ? '' : `  [host."${nodeUrl}".header]\n    Authorization = "${basicAuthorization(login)}"\n`
  return `[host."${nodeUrl}"]\n  capabilities = ["pull", "resolve"]\n${header}`
}
