import { delve } from '../../lib/keys.ts'
import { listOf } from '../../lib/record.ts'
import { installer } from '../../manifests/installer.ts'
import type { PodTemplate } from '../../manifests/workload.ts'
import { debugFolder } from '../python-script.ts'
import type { GoCommand } from './program.ts'

/** The init container that copies Delve, and the volume that it copies to. */
export const delveContainer = delve.image
/** The port of Delve in the pod, which is also the one that editors expect. */
export const delvePort = 2345
/** The path of Delve in the container of the program. debuggers/go/main.go has the same name. */
export const delveProgram = `${debugFolder}/delve`

/** Lets a container start its program with Delve, which an init container copies from `image`. Changes the template. */
export function addDelve(
  { spec }: PodTemplate,
  container: string,
  { image, command: { words, at } }: { readonly image: string; readonly command: GoCommand },
): void {
  const main = spec.containers.find(({ name }) => name === container)
  if (main === undefined) return
  const about = { name: delveContainer, image, command: [delve.inImage, 'install', debugFolder], folder: debugFolder }
  spec.initContainers = [...(spec.initContainers ?? []), installer(about)]
  spec.volumes = [...listOf(spec.volumes), { name: delveContainer, emptyDir: {} }]
  main.volumeMounts = [...listOf(main.volumeMounts), { name: delveContainer, mountPath: debugFolder, readOnly: true }]
  main.command = [...words.slice(0, at), delveProgram, 'run', `127.0.0.1:${delvePort}`, ...words.slice(at)]
  delete main.args
}
