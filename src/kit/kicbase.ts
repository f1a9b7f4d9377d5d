import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { copyFromModule } from './gobuild.ts'
import { prepareContext } from './imagebuild.ts'
import { buildWithImages, type NamesInNode } from './node-images.ts'
import type { Workshop } from './recipe.ts'

export interface KicbaseSpec {
  /** `v1.38.1`: the Minikube whose base files go into the image. */
  readonly minikube: string
  /** `v1.34.4` */
  readonly kubernetes: string
  /** The image of kind's nodes that it is made from. */
  readonly node: string
  readonly namesInNode: NamesInNode
}

/** Builds the image Minikube makes nodes from: a node of kind with Minikube's base files out of its module, sshd and crictl. */
export async function buildKicbase(work: Workshop, spec: KicbaseSpec): Promise<void> {
  const context = await prepareContext(work, 'images/kicbase')
  const minikube = { module: 'k8s.io/minikube', version: spec.minikube }
  await copyFromModule(work, minikube, 'deploy/kicbase', join(context, 'files'))
  await cp(join(work.outputOf('crictl'), 'crictl'), join(context, 'crictl'))
  const args = { NODE: spec.node, KUBERNETES: spec.kubernetes }
  await buildWithImages(work, { base: `kit/kicbase:${work.key}`, context, args, namesInNode: spec.namesInNode })
}
