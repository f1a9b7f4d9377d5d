import { relocation } from '../../manifests/relocate.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import { projectNamespace } from '../../manifests/transform.ts'
import { withPodTemplate } from '../../manifests/workload.ts'
import type { DesiredInput } from './configured.ts'

/**
 * The input with all objects moved into the developer's namespace of an existing cluster, and with the imagePullSecrets
 * of that cluster.
 * For a cluster that devk created the input comes back as it is. Pure.
 */
export function relocated(input: DesiredInput): DesiredInput {
  const { config } = input
  const { namespace: target, imagePullSecrets } = config.cluster
  if (target === undefined) return input
  const objects = input.rendered.map(({ object }) => object)
  const added = Object.entries(config.externals).map(([name, external]) => external.service ?? name)
  const move = relocation(objects, { main: projectNamespace(config, objects), target, added })
  const rendered = input.rendered.map(
    ({ object, namespace, ...entry }): RenderedObject => ({
      ...entry,
      object: withPullSecrets(move.object(object), imagePullSecrets),
      ...(namespace === undefined ? {} : { namespace: move.of(namespace) }),
    }),
  )
  const secrets = Object.fromEntries(
    Object.entries(config.secrets).map(([name, secret]) => [
      name,
      secret.namespace === undefined ? secret : { ...secret, namespace: move.of(secret.namespace) },
    ]),
  )
  return { ...input, rendered, config: { ...config, secrets, deploy: { ...config.deploy, namespace: target } } }
}

function withPullSecrets(object: RenderedObject['object'], names: readonly string[]): RenderedObject['object'] {
  if (names.length === 0) return object
  return withPodTemplate(object, ({ spec }) => {
    const existing = (spec.imagePullSecrets ?? []) as { name: string }[]
    const added = names.filter((name) => !existing.some((each) => each.name === name)).map((name) => ({ name }))
    spec.imagePullSecrets = [...existing, ...added]
  })
}
