import { readdir, readFile, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path/posix'
import { DevkError } from '../errors.ts'
import { toolNames } from '../readers/read.ts'
import { dockerfilesIn } from '../scan/dockerfiles.ts'
import { existsIn } from '../scan/exists.ts'
import type { Found, FoundDockerfile, FoundManifest } from '../scan/found.ts'
import { manifestIn } from '../scan/manifest.ts'
import type { Wanted } from './deploy/unit.ts'

/** What the user chose with flags; paths are relative to the repository. */
export interface Flags {
  readonly manifests?: readonly string[]
  readonly kustomize?: readonly string[]
  readonly chart?: readonly string[]
  readonly values?: readonly string[]
  /** `NAME=Dockerfile`. */
  readonly image?: readonly string[]
  /** Tools whose files count, in this order; the files of others do not. */
  readonly from?: readonly string[]
}

/** Choices that were checked, and the repository with what they name added. */
export interface Choices {
  readonly found: Found
  readonly wanted: Wanted
  /** Tools whose files count; empty: all of them. */
  readonly from: readonly string[]
  /** The Dockerfile of an image by its name. */
  readonly images: ReadonlyMap<string, FoundDockerfile>
}

/** Checks the choices of the user. Throws USAGE for a path or a form that does not exist. */
export async function choicesOf(root: string, found: Found, flags: Flags): Promise<Choices> {
  const paths = (list: readonly string[] = []) => list.map((path) => normalize(path).replace(/\/$/, ''))
  const wanted = {
    manifests: paths(flags.manifests),
    kustomize: paths(flags.kustomize),
    charts: paths(flags.chart),
    values: paths(flags.values),
  }
  const unknown = flags.from?.find((name) => !toolNames.includes(name))
  if (unknown !== undefined) {
    throw new DevkError('USAGE', `--from: devk does not know the tool "${unknown}"`, {
      details: ['Nothing was written.'],
      hint: `Name one of ${toolNames.join(', ')}.`,
    })
  }
  const manifests = await Promise.all(wanted.manifests.map((path) => manifestsAt(root, path, found)))
  await Promise.all(
    wanted.kustomize.map((path) =>
      requireAny(root, path, ['kustomization.yaml', 'kustomization.yml', 'Kustomization'], '--kustomize'),
    ),
  )
  await Promise.all(wanted.charts.map((path) => requireAny(root, path, ['Chart.yaml', 'Chart.yml'], '--chart')))
  await Promise.all(wanted.values.map((path) => requireAny(root, path, [''], '--values')))
  const images = await Promise.all((flags.image ?? []).map((text) => imageChoice(root, text, found)))
  const known = new Set(found.manifests.map(({ file }) => file))
  const more = manifests.flat().filter(({ file }) => !known.has(file))
  const dockerfiles = images.map(([, dockerfile]) => dockerfile).filter((each) => !found.dockerfiles.includes(each))
  return {
    found: { ...found, manifests: [...found.manifests, ...more], dockerfiles: [...found.dockerfiles, ...dockerfiles] },
    wanted,
    from: flags.from ?? [],
    images: new Map(images),
  }
}

/** The manifests that a flag names, also in folders that devk does not search. */
async function manifestsAt(root: string, path: string, found: Found): Promise<FoundManifest[]> {
  const own = found.manifests.filter(({ file }) => file === path || file.startsWith(path === '.' ? '' : `${path}/`))
  if (own.length > 0) return own
  const isFolder = await stat(join(root, path)).then(
    (there) => there.isDirectory(),
    () => false,
  )
  const names = isFolder ? (await readdir(join(root, path))).map((name) => join(path, name)) : [path]
  const files = names.filter((name) => /\.(ya?ml|json)$/.test(name))
  const read = await Promise.all(
    files.map(async (file) => manifestIn(file, await readFile(join(root, file), 'utf8').catch(() => ''))),
  )
  const manifests = read.filter((manifest) => manifest !== undefined)
  if (manifests.length > 0) return manifests
  throw new DevkError('USAGE', `--manifests: ${path} has no Kubernetes manifests`, {
    details: ['Nothing was written.'],
    hint: 'Name a file or a folder of this repository that has them.',
  })
}

async function requireAny(root: string, path: string, names: readonly string[], flag: string): Promise<void> {
  const there = await Promise.all(
    names.map((name) =>
      stat(join(root, path, name)).then(
        () => true,
        () => false,
      ),
    ),
  )
  if (there.some(Boolean)) return
  const what = names[0] === '' ? `${path} does not exist` : `${path} has no ${names[0]}`
  throw new DevkError('USAGE', `${flag}: ${what}`, {
    details: ['Nothing was written.'],
    hint: 'Paths are relative to the folder in which you call devk init.',
  })
}

async function imageChoice(root: string, text: string, found: Found): Promise<[string, FoundDockerfile]> {
  const [, name = '', path = ''] = /^([^=]+)=(.+)$/.exec(text) ?? []
  const file = normalize(path)
  const all = found.dockerfiles.flatMap((each) => [each, ...each.variants])
  const known = all.find((each) => each.file === file)
  if (known !== undefined) return [name, known]
  const content = name === '' ? undefined : await readFile(join(root, file), 'utf8').catch(() => undefined)
  const [dockerfile] =
    content === undefined ? [] : await dockerfilesIn(new Map([[file, content]]), new Map(), existsIn(root))
  if (dockerfile !== undefined) return [name, dockerfile]
  throw new DevkError(
    'USAGE',
    `--image: ${name === '' ? `"${text}" is not NAME=DOCKERFILE` : `${path} cannot be read`}`,
    {
      details: ['Nothing was written.'],
      hint: 'An example is --image shop-api=services/api/Dockerfile. The name is that of the image in the manifests.',
    },
  )
}
