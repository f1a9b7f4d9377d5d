import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { copyFromModule } from './go-modules.ts'
import { prepareContext } from './imagebuild.ts'
import { buildWithImages, type NamesInNode } from './node-images.ts'
import type { Workshop } from './recipe.ts'

/** What is built into an image for Minikube nodes. */
export interface KicbaseSpec {
  /** Version of Minikube whose base files are in the image, such as `v1.38.1`. */
  readonly minikube: string
  /** Version of Kubernetes, such as `v1.34.4`. */
  readonly kubernetes: string
  /** The kind node image that it is based on. */
  readonly node: string
  readonly namesInNode: NamesInNode
}

/**
 * Builds the image of Minikube nodes (kicbase): a kind node image with sshd, crictl, and the base files of Minikube,
 * which come from its Go module. Throws KIT_FAILED.
 */
export async function buildKicbase(work: Workshop, spec: KicbaseSpec): Promise<void> {
  const context = await prepareContext(work, 'images/kicbase')
  const minikube = { module: 'k8s.io/minikube', version: spec.minikube }
  await copyFromModule(work, minikube, 'deploy/kicbase', join(context, 'files'))
  await cp(join(work.outputOf('crictl'), 'crictl'), join(context, 'crictl'))
  const args = { NODE: spec.node, KUBERNETES: spec.kubernetes }
  await buildWithImages(work, { base: `kit/kicbase:${work.key}`, context, args, namesInNode: spec.namesInNode })
}
