import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker } from '../../../support/docker.ts'
import { randomOf } from '../random.ts'
import { makeTree } from '../saves/tree.ts'
import { writeSource } from './source.ts'

const repository = 'devk-faults'

/** The image of the service as it is at the start of each run. */
export const baseImage = `${repository}:base`

/** Builds the base image; gives its name. */
export async function buildBase(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-faults-image-'))
  try {
    await writeBase(folder)
    return await buildImage(folder, 'base')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes the source of the base image into an empty folder. It is the same for all seeds. */
export async function writeBase(folder: string): Promise<void> {
  await writeSource(folder)
  makeTree(join(folder, 'app'), randomOf('base'))
}

/** Builds an image from the source of a service; gives its name. */
export async function buildImage(source: string, tag: string): Promise<string> {
  const image = `${repository}:${tag}`
  await docker('build', '--quiet', '--tag', image, source)
  return image
}

/** Removes all images that these functions have built from the local engine. */
export async function removeImages(): Promise<void> {
  const images = await docker('images', '--format', '{{.Repository}}:{{.Tag}}', repository)
  const names = images.split('\n').filter((name) => name !== '')
  if (names.length > 0) await docker('rmi', '--force', ...names)
}
