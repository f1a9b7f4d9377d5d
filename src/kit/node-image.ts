import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyFromModule } from './go-modules.ts'
import { prepareContext } from './imagebuild.ts'
import { buildWithImages, type NamesInNode } from './node-images.ts'
import type { Workshop } from './recipe.ts'

/** What is built into an image for kind nodes. */
export interface NodeImageSpec {
  /** Version of Kubernetes, such as `v1.34.4`. */
  readonly kubernetes: string
  /** Version of kind whose base files are in the image, such as `v0.30.0`. */
  readonly kind: string
  readonly namesInNode: NamesInNode
}

/**
 * Builds the node image of kind: Debian, the base files of kind from its Go module, the programs of a node, and the
 * images of the control plane in the image store of containerd. Throws KIT_FAILED.
 */
export async function buildNodeImage(work: Workshop, spec: NodeImageSpec): Promise<void> {
  const base = `kit/node-base:${work.key}`
  const context = await nodeContext(work, spec)
  await buildWithImages(work, { base, context, args: { KUBERNETES: spec.kubernetes }, namesInNode: spec.namesInNode })
}

async function nodeContext(work: Workshop, spec: NodeImageSpec): Promise<string> {
  const context = await prepareContext(work, 'node')
  const files = join(context, 'files')
  await copyFromModule(work, { module: 'sigs.k8s.io/kind', version: spec.kind }, 'images/base/files', files)
  await configureContainerd(join(files, 'etc/containerd/config.toml'))
  await cp(work.outputOf('containerd'), join(context, 'bin'), { recursive: true })
  await cp(work.outputOf('cni-plugins'), join(context, 'cni'), { recursive: true })
  await mkdir(join(context, 'kubernetes'))
  const program = join(context, 'kubernetes', 'nodekit')
  await cp(join(work.outputOf('kubernetes'), 'nodekit'), program)
  await chmod(program, 0o755)
  return context
}

/**
 * Makes two changes in the configuration of containerd. First, containers keep the OOM score of containerd: a lower one
 * needs CAP_SYS_RESOURCE, which root does not have everywhere. Second, files below certs.d configure registries, as in
 * the published images of kind.
 */
async function configureContainerd(path: string): Promise<void> {
  const before = 'restrict_oom_score_adj = false'
  const config = await readFile(path, 'utf8')
  if (!config.includes(before)) throw new Error(`kind's ${path} no longer has "${before}"`)
  if (config.includes('config_path')) throw new Error(`kind's ${path} now sets config_path itself`)
  const scores = config.replace(before, 'restrict_oom_score_adj = true')
  const registries = '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"\n'
  await writeFile(path, `${scores.trimEnd()}\n\n${registries}`)
}
