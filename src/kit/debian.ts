import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { accessSettings, debianSources, imageSources } from './apt.ts'
import { additionalCertificates } from './certificates.ts'
import { debootstrapArgs, ensureDebootstrap } from './debootstrap.ts'
import type { KitDeps, Workshop } from './recipe.ts'

const bundlePath = '/etc/ssl/certs/ca-certificates.crt'

/** APT settings of base images: an image keeps no packages that it has installed, and no index of packages (100 MB). */
export const aptSettings = [
  'Acquire::Languages "none";',
  'APT::Keep-Downloaded-Packages "false";',
  'Dir::Cache::pkgcache "";',
  'Dir::Cache::srcpkgcache "";',
  '',
].join('\n')

/** The contents of the APT source files of the machine. [] on a machine without APT. */
export async function aptFiles(root = '/etc/apt'): Promise<string[]> {
  const folder = join(root, 'sources.list.d')
  const names = await readdir(folder).catch(() => [])
  const paths = [join(root, 'sources.list'), ...names.sort().map((name) => join(folder, name))]
  const wanted = paths.filter((path) => path.endsWith('.list') || path.endsWith('.sources'))
  return Promise.all(wanted.map((path) => readFile(path, 'utf8').catch(() => '')))
}

/** The CA bundle of the machine, in PEM; '' if it has none. */
export async function caBundle(deps: KitDeps): Promise<string> {
  return deps.platform.caBundle === undefined ? '' : readFile(deps.platform.caBundle, 'utf8').catch(() => '')
}

/**
 * Builds the base image of the Debian release `codename` with debootstrap. Packages come from the mirror of the
 * machine. The trust store of the image gets the CA certificates of the machine, so that APT, npm, pip and Go also work
 * in builds behind a proxy that inspects TLS. Throws HOST_UNFIT without root, TOOL_MISSING, KIT_FAILED.
 */
export async function buildDebianImage(work: Workshop, codename: string): Promise<void> {
  const sources = debianSources(await aptFiles())
  const rootfs = join(work.dir, 'rootfs')
  const debs = join(work.deps.cacheDir, 'kit', 'debs')
  await mkdir(debs, { recursive: true })
  await removeRootfs(work, rootfs)
  await ensureDebootstrap(work)
  const mirror = sources.find(({ pocket }) => pocket === '')?.uri
  try {
    await asRoot(work, 'debootstrap', debootstrapArgs({ codename, rootfs, debs, mirror }))
    await configure(work, rootfs, sources.length > 0 ? imageSources(sources, codename) : undefined)
    const archive = join(work.dir, 'rootfs.tar')
    await asRoot(work, 'tar', ['-C', rootfs, ...excluded.map((path) => `--exclude=${path}`), '-cf', archive, '.'])
    await importImage(work, archive)
  } finally {
    await removeRootfs(work, rootfs)
  }
}

const excluded = [
  './var/cache/apt/archives/*.deb',
  './var/lib/apt/lists/*',
  './usr/share/doc/*',
  './usr/share/man/*',
  './usr/share/locale/*',
  './var/log/*.log',
]

/** Writes the package sources (if any), the APT settings and the CA certificates of the machine. */
async function configure(work: Workshop, rootfs: string, sources: string | undefined): Promise<void> {
  if (sources !== undefined) {
    await rm(join(rootfs, 'etc/apt/sources.list'), { force: true })
    await writeFile(join(rootfs, 'etc/apt/sources.list.d/debian.sources'), sources)
  }
  const settings = accessSettings(await work.exec('apt-config', ['dump']))
  await writeFile(join(rootfs, 'etc/apt/apt.conf.d/90kit'), settings + aptSettings)
  const bundle = join(rootfs, bundlePath)
  const added = additionalCertificates(await caBundle(work.deps), await readFile(bundle, 'utf8'))
  // Clients read the bundle. A later update-ca-certificates creates it again from the folder. So both get them.
  const local = join(rootfs, 'usr/local/share/ca-certificates')
  await mkdir(local, { recursive: true })
  for (const [index, certificate] of added.entries()) {
    await writeFile(join(local, `machine-${index + 1}.crt`), certificate)
  }
  await appendFile(bundle, added.join(''))
}

async function importImage(work: Workshop, archive: string): Promise<void> {
  const [reference, ...others] = work.recipe.provides
  if (reference === undefined) throw new Error(`${work.recipe.name} provides no image`)
  const variables = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'REQUESTS_CA_BUNDLE']
  const changes = [
    `ENV ${variables.map((name) => `${name}=${bundlePath}`).join(' ')}`,
    'CMD ["bash"]',
    ...Object.entries(work.labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`),
  ]
  await work.exec('docker', ['import', ...changes.flatMap((change) => ['--change', change]), archive, reference])
  for (const other of others) await work.exec('docker', ['tag', reference, other])
  await rm(archive, { force: true })
}

/** First unmounts what a stopped debootstrap left mounted (/proc, /sys), so that nothing is deleted through a mount. */
async function removeRootfs(work: Workshop, rootfs: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  const inside = mounts.split('\n').flatMap((line) => line.split(' ')[1] ?? [])
  for (const mount of inside.filter((path) => path.startsWith(`${rootfs}/`)).reverse()) {
    const { exitCode } = await work.deps.runner.run('umount', [mount])
    if (exitCode !== 0) {
      throw new DevkError('KIT_FAILED', `${mount} could not be unmounted`, {
        details: ['A stopped debootstrap left it mounted.'],
        hint: `Run sudo umount ${mount}, then devk kit build again.`,
      })
    }
  }
  await rm(rootfs, { recursive: true, force: true })
}

async function asRoot(work: Workshop, command: string, args: readonly string[]): Promise<void> {
  if (work.deps.platform.uid !== 0) {
    throw new DevkError('HOST_UNFIT', 'devk kit build must run as root to create base images', {
      hint: 'Run sudo -E devk kit build once. devk needs no root afterwards.',
    })
  }
  await work.exec(command, args)
}
