import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { hasDockerfile } from '../../config/build-contexts.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import { type ImageCommand, imageCommand } from '../../images/build/image-command.ts'
import { isSupervised } from '../../manifests/supervised.ts'

/**
 * What the images of the services run that are restarted in place, where their Dockerfiles say it. A Dockerfile that
 * cannot be read says nothing here: the build of the image reports it.
 */
export async function imageCommands(config: Pick<LoadedConfig, 'services'>): Promise<Record<string, ImageCommand>> {
  const found = Object.entries(config.services).map(async ([name, service]) => {
    const { build } = service
    if (build === undefined || !hasDockerfile(build) || !isSupervised(service) || service.command !== undefined)
      return []
    const text = await readFile(resolve(build.context, build.dockerfile), 'utf8').catch(() => '')
    const command = imageCommand(text, build)
    return command === undefined ? [] : [[name, command] as const]
  })
  return Object.fromEntries((await Promise.all(found)).flat())
}
