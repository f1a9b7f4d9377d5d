import { homedir } from 'node:os'
import {
  type ContextFacts,
  productionSign,
  refuseProduction,
  requireKnownServer,
  requireKnownUid,
} from '../cluster/existing-guard.ts'
import { existingNodes } from '../cluster/existing-nodes.ts'
import { extractContext, kubeconfigFiles } from '../cluster/kubeconfig.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { Engine } from '../engine/api.ts'
import { DevkError } from '../errors.ts'
import { connectKube } from '../kube/client/client.ts'
import { clusterUid } from '../project/agreed.ts'
import { readKnownContext, rememberContext } from '../state/contexts.ts'
import { writeAtomic } from '../state/files.ts'
import { ask } from '../terminal/confirm.ts'
import type { Progress } from '../terminal/progress.ts'
import type { ReadyCluster } from './ready-cluster.ts'
import { readyGuest } from './shared-cluster.ts'

/**
 * Opens an existing cluster and changes nothing in it. The configuration must name its context, the context must not
 * look like production, and it must lead to the cluster that the user agreed to. devk asks at the first use. Writes a
 * private kubeconfig with that context only. Throws CLUSTER_MISSING or CONTEXT_REFUSED.
 */
export async function readyExisting(
  ctx: CliContext,
  config: LoadedConfig,
  engine: Engine,
  progress: Progress,
): Promise<ReadyCluster> {
  const { paths } = ctx
  const { cluster } = config
  if (cluster.project !== undefined) return readyGuest(ctx, config, cluster.project, { engine, progress })
  const files = kubeconfigFiles(cluster.kubeconfig, ctx.env, ctx.env.HOME ?? homedir())
  const { facts, text } = await extractContext({ files, keyFile: paths.digestKey }, cluster.context ?? '')
  const known = await readKnownContext(paths.contexts, facts.context)
  refuseProduction(facts, cluster.deny, known?.production ? facts.context : ctx.allowProduction)
  if (known !== undefined) requireKnownServer(facts, known, paths.contexts)
  else await agree(ctx, facts, config)
  const { kubeconfig } = paths.project(config.name)
  await writeAtomic(kubeconfig, text)
  return progress.step('Cluster', async () => {
    const { kube } = await connectKube(kubeconfig, facts.context)
    const uid = await clusterUid(kube, ctx.signal)
    if (known !== undefined) requireKnownUid(facts, known, uid, paths.contexts)
    const { context, server, access } = facts
    const production = productionSign(facts, cluster.deny) !== undefined
    if (known === undefined || known.production !== production) {
      const since = new Date(ctx.clock()).toISOString()
      await rememberContext(paths.contexts, context, { server, uid, access, production, since })
    }
    // With a registry the nodes pull images themselves, so devk does not need their containers.
    const nodes = await existingNodes(kube, engine, cluster.registry === undefined, ctx.signal)
    const value: ReadyCluster = { name: facts.context, context: facts.context, nodes, network: undefined, ports: [] }
    return { value, note: `${facts.context}  existing cluster, namespace ${cluster.namespace}` }
  })
}

/** Throws CONTEXT_REFUSED unless the user agrees to a new cluster: at the question, or by name on the command line. */
async function agree(ctx: CliContext, { context, server, access }: ContextFacts, config: LoadedConfig): Promise<void> {
  if (ctx.allowContext === context || ctx.allowProduction === context) return
  const where = `the context ${context} (${server}) with ${access}, namespace ${config.cluster.namespace}`
  // The configuration names the cluster, and may come from anybody: --yes is no answer to this question.
  if (await ask(ctx, `Let devk use ${where}?`)) return
  throw new DevkError('CONTEXT_REFUSED', `devk has not been allowed to use ${where}`, {
    details: ['devk sent no request to the cluster.'],
    hint:
      `Run devk up --allow-context '${context}' to allow it. devk remembers this cluster, and refuses any other ` +
      'cluster under that name.',
  })
}
