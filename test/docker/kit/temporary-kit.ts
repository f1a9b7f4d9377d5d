import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { execaRunner, type Runner } from '../../../src/exec/runner.ts'
import { findCertificates } from '../../../src/images/build/certificates.ts'
import type { KitDeps } from '../../../src/kit/recipe.ts'

/** Runs programs in the environment of the test. */
export const runner: Runner = execaRunner(process.env)

/** A kit in a temporary folder whose only image, `images/small`, has this Dockerfile. `remove` removes the folder. */
export async function temporaryKit(dockerfile: string): Promise<{ deps: KitDeps; remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'devk-kit-'))
  await mkdir(join(root, 'kit/images/small'), { recursive: true })
  await writeFile(join(root, 'kit/images/small/Dockerfile'), dockerfile)
  await writeFile(join(root, 'kit/images/small/file'), 'content')
  const deps: KitDeps = {
    runner,
    images: dockerEngine(process.env).images,
    cacheDir: join(root, 'cache'),
    kitDir: join(root, 'kit'),
    mayInstall: false,
    platform: { os: process.platform, arch: process.arch, uid: process.getuid?.() ?? 1, caBundle: undefined },
    clock: () => performance.now(),
  }
  return { deps, remove: () => rm(root, { recursive: true, force: true }) }
}

/** The kit of devk with an empty cache in a temporary folder. `remove` removes the folder. */
export async function kitWithEmptyCache(): Promise<{ deps: KitDeps; remove: () => Promise<void> }> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'devk-kit-'))
  const deps: KitDeps = {
    runner,
    images: dockerEngine(process.env).images,
    cacheDir,
    kitDir: fileURLToPath(new URL('../../../kit', import.meta.url)),
    mayInstall: true,
    platform: {
      os: process.platform,
      arch: process.arch,
      uid: process.getuid?.() ?? 1,
      caBundle: await findCertificates(true, process.env),
    },
    clock: () => performance.now(),
  }
  return { deps, remove: () => rm(cacheDir, { recursive: true, force: true }) }
}
