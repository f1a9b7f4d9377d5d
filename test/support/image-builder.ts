import { dockerEngine } from '../../src/engine/engine.ts'
import { execaRunner } from '../../src/exec/runner.ts'
import { imageBuilder } from '../../src/images/build/build.ts'
import type { ImageBuilder } from '../../src/images/build/request.ts'

/** The builder of images as devk makes it for an environment; DOCKER_HOST chooses the engine. */
export function builderFor(env: NodeJS.ProcessEnv): ImageBuilder {
  const { client, images } = dockerEngine(env)
  return imageBuilder({ client, images, runner: execaRunner(env) })
}
