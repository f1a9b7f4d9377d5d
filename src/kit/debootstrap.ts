import { DevkError } from '../errors.ts'
import type { KitDeps, Workshop } from './recipe.ts'

/** What a base image is made from. */
export interface BaseImage {
  /** Of the Debian release. */
  readonly codename: string
  /** Folder for its files. */
  readonly rootfs: string
  /** Folder in which the packages stay for the next time. */
  readonly debs: string
  /** Address of the archive; undefined: the default of the release. */
  readonly mirror: string | undefined
}

/**
 * The arguments of debootstrap. Without the keyring of Debian it would go on without checking any signature; with
 * --force-check-gpg it stops. Pure.
 */
export function debootstrapArgs({ codename, rootfs, debs, mirror }: BaseImage): string[] {
  const options = ['--force-check-gpg', '--variant=minbase', '--include=ca-certificates', `--cache-dir=${debs}`]
  return [...options, codename, rootfs, ...(mirror === undefined ? [] : [mirror])]
}

/** Base images of several releases are built in parallel, and APT allows only one process at a time. */
const installations = new WeakMap<KitDeps, Promise<void>>()

/**
 * Installs debootstrap if it is missing. Calls at the same time share one installation. Throws TOOL_MISSING if devk may
 * not install it, KIT_FAILED if APT fails.
 */
export function ensureDebootstrap(work: Workshop): Promise<void> {
  const running = installations.get(work.deps) ?? install(work)
  installations.set(work.deps, running)
  return running
}

async function install({ deps, signal, exec }: Workshop): Promise<void> {
  const { exitCode } = await deps.runner.run('debootstrap', ['--version'], { signal })
  if (exitCode === 0) return
  if (!deps.mayInstall || deps.platform.uid !== 0) {
    throw new DevkError('TOOL_MISSING', 'debootstrap is not installed, and the kit needs it to create base images', {
      hint: 'Run apt-get install debootstrap, then devk kit build again.',
    })
  }
  await exec('apt-get', ['update', '-qq'])
  await exec('apt-get', ['install', '-y', '-qq', 'debootstrap', 'debian-archive-keyring'], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
}
