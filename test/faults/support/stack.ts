import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'
import type { Kube, KubeObject, ObjectRef } from '../../../src/kube/api.ts'
import { deployStack, prepareStack } from '../../../src/stack/deploy.ts'
import { type Desired, desiredState } from '../../../src/stack/desired/desired.ts'
import { planRemoval, removeStack } from '../../../src/stack/remove.ts'

const timeoutMs = 60_000

/**
 * Deploys these objects as the whole project, through the engine of `devk up` without the rest of the command.
 * `meanwhile` is called before anything is changed, with what will be deleted.
 */
export async function deploy(
  kube: Kube,
  project: string,
  objects: readonly KubeObject[],
  meanwhile: (deleted: readonly ObjectRef[]) => Promise<void> = async () => {},
): Promise<void> {
  const signal = AbortSignal.timeout(2 * timeoutMs)
  const deps = { kube, timeoutMs, signal, clock: Date.now, onEvent: () => {} }
  const config = resolveConfig(configSchema.parse({ name: project }), '/p/platform.config.ts', '/p')
  const rendered = objects.map((object, index) => ({ object, origin: { file: 'k8s/app.yaml', line: index + 1 } }))
  const wanted = (hashKey: string): Desired =>
    desiredState({ config, rendered, images: {}, secrets: { secrets: {}, externals: {} }, hashKey })
  const prepared = await prepareStack(project, wanted, deps, { pruneData: false })
  await meanwhile(prepared.plan.actions.flatMap((action) => (action.do === 'delete' ? [action.ref] : [])))
  await deployStack(prepared, deps)
}

/** Removes the project with its data, as `devk down --keep-cluster --prune-data` does. */
export async function remove(kube: Kube, project: string): Promise<void> {
  const options = { kube, pruneData: true, timeoutMs, signal: AbortSignal.timeout(2 * timeoutMs) }
  await removeStack(await planRemoval(kube, project, options), project, options)
}
