import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { carriedSettings, debianSources, imageSources } from './apt.ts'
import { additionalCertificates } from './certificates.ts'
import { ensureDebootstrap } from './debootstrap.ts'
import type { KitDeps, Workshop } from './recipe.ts'

const bundlePath = '/etc/ssl/certs/ca-certificates.crt'

/** The contents of the machine's apt source files; none on machines without apt. */
export async function aptFiles(root = '/etc/apt'): Promise<string[]> {
  const folder = join(root, 'sources.list.d')
  const names = await readdir(folder).catch(() => [])
  const paths = [join(root, 'sources.list'), ...names.sort().map((name) => join(folder, name))]
  const wanted = paths.filter((path) => path.endsWith('.list') || path.endsWith('.sources'))
  return Promise.all(wanted.map((path) => readFile(path, 'utf8').catch(() => '')))
}

/** The machine's bundle of certificates; empty when there is none. */
export async function caBundle(deps: KitDeps): Promise<string> {
  return deps.platform.caBundle === undefined ? '' : readFile(deps.platform.caBundle, 'utf8').catch(() => '')
}

/**
 * Makes the base image of a Debian release with debootstrap: packages from the machine's own mirror, and its certificates in
 * the trust store, so that apt, npm, pip and go work inside builds behind a TLS-inspecting proxy too.
 */
export async function buildDebianImage(work: Workshop, codename: string): Promise<void> {
  const sources = debianSources(await aptFiles())
  const rootfs = join(work.dir, 'rootfs')
  const debs = join(work.deps.cacheDir, 'kit', 'debs')
  await mkdir(debs, { recursive: true })
  await removeRootfs(work, rootfs)
  await ensureDebootstrap(work)
  // Without a mirror debootstrap takes the release's own.
  const mirror = sources.find(({ pocket }) => pocket === '')?.uri
  const include = '--include=ca-certificates'
  const args = ['--variant=minbase', include, `--cache-dir=${debs}`, codename, rootfs, ...(mirror ? [mirror] : [])]
  try {
    await asRoot(work, 'debootstrap', args)
    await furnish(work, rootfs, sources.length > 0 ? imageSources(sources, codename) : undefined)
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

async function furnish(work: Workshop, rootfs: string, sources: string | undefined): Promise<void> {
  if (sources !== undefined) {
    await rm(join(rootfs, 'etc/apt/sources.list'), { force: true })
    await writeFile(join(rootfs, 'etc/apt/sources.list.d/debian.sources'), sources)
  }
  const settings = carriedSettings(await work.exec('apt-config', ['dump']))
  await writeFile(join(rootfs, 'etc/apt/apt.conf.d/90kit'), `${settings}Acquire::Languages "none";\n`)
  const bundle = join(rootfs, bundlePath)
  const added = additionalCertificates(await caBundle(work.deps), await readFile(bundle, 'utf8'))
  // In both places: the bundle is what clients read, the folder is what a later update-ca-certificates makes it from.
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

/** A debootstrap that was killed leaves /proc and /sys mounted inside; deleting through those mounts must not happen. */
async function removeRootfs(work: Workshop, rootfs: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  const inside = mounts.split('\n').flatMap((line) => line.split(' ')[1] ?? [])
  for (const mount of inside.filter((path) => path.startsWith(`${rootfs}/`)).reverse()) {
    const { exitCode } = await work.deps.runner.run('umount', [mount])
    if (exitCode !== 0) throw new DevkError('KIT_FAILED', `${mount} is still mounted and cannot be unmounted`)
  }
  await rm(rootfs, { recursive: true, force: true })
}

async function asRoot(work: Workshop, command: string, args: readonly string[]): Promise<void> {
  if (work.deps.platform.uid !== 0) {
    throw new DevkError('HOST_UNFIT', 'The kit must unpack a root file system, which only root may do', {
      hint: 'Run sudo -E devk kit build once; devk itself needs no root afterwards.',
    })
  }
  await work.exec(command, args)
}
