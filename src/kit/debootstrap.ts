import { DevkError } from '../errors.ts'
import type { KitDeps, Workshop } from './recipe.ts'

/** Bases of several releases are made side by side, and apt serves one at a time. */
const installations = new WeakMap<KitDeps, Promise<void>>()

/** Has debootstrap on the machine, installed once for all who ask. Throws TOOL_MISSING where it may not be installed, KIT_FAILED when apt fails. */
export function ensureDebootstrap(work: Workshop): Promise<void> {
  const running = installations.get(work.deps) ?? install(work)
  installations.set(work.deps, running)
  return running
}

async function install({ deps, signal, exec }: Workshop): Promise<void> {
  const { exitCode } = await deps.runner.run('debootstrap', ['--version'], { signal })
  if (exitCode === 0) return
  if (!deps.mayInstall || deps.platform.uid !== 0) {
    throw new DevkError('TOOL_MISSING', 'debootstrap is not installed; the kit makes its base images with it', {
      hint: 'Install it (apt-get install debootstrap) and run devk kit build again.',
    })
  }
  await exec('apt-get', ['update', '-qq'])
  await exec('apt-get', ['install', '-y', '-qq', 'debootstrap'], { env: { DEBIAN_FRONTEND: 'noninteractive' } })
}
