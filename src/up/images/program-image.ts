import { join } from 'node:path'
import { labels } from '../../lib/keys.ts'
import { type ImageWork, noSettings } from './work.ts'
import { writeOnce } from './write-once.ts'

/** An image of a project with one program of devk and nothing else. */
export interface ProgramImage {
  readonly owner: string
  readonly project: string
  /** First part of its name. */
  readonly registry: string
  /** Last part of its name. */
  readonly image: string
  /** The path of the program in it. */
  readonly inImage: string
  /** Folder for its build contexts. */
  readonly folder: string
}

/** The image of a program, whose `id` changes with its content. Writes its build context. */
export async function programImage(
  { owner, project, registry, image, inImage, folder }: ProgramImage,
  { id, content }: { readonly id: string; readonly content: Buffer },
): Promise<ImageWork> {
  const context = join(folder, id)
  const file = inImage.slice(1)
  await writeOnce(context, {
    [file]: { content, mode: 0o755 },
    Dockerfile: { content: `FROM scratch\nCOPY ${file} ${inImage}\n`, mode: 0o644 },
  })
  const tag = `${registry}/${project}/${image}:${id}`
  const dockerfile = join(context, 'Dockerfile')
  return {
    owner,
    reference: tag,
    request: { ...noSettings, context, dockerfile, tag, labels: { [labels.project]: project } },
  }
}
