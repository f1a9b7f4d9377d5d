import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyFromModule } from './gobuild.ts'
import { prepareContext } from './imagebuild.ts'
import { buildWithImages, type NamesInNode } from './node-images.ts'
import type { Workshop } from './recipe.ts'

export interface NodeImageSpec {
  /** `v1.34.4` */
  readonly kubernetes: string
  /** The version of kind whose base files go into the image. */
  readonly kind: string
  readonly namesInNode: NamesInNode
}

/**
 * Builds the image kind makes nodes from: Debian, kind's own base files out of its module, the programs, and the images of the
 * control plane in containerd's store, imported by a containerd that runs in a container of the base.
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
 * Makes two changes in containerd's configuration. Lowering a process's OOM score needs CAP_SYS_RESOURCE, which not every root has,
 * so containerd keeps to its own score; and registries are configured by files below certs.d, as in kind's published images.
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
