import { basename, dirname } from 'node:path/posix'
import { instructions } from '../images/build/dockerfile.ts'
import { oneOf } from '../lib/one-of.ts'
import { contextOf, type Exists } from './context.ts'
import type { FoundDockerfile } from './found.ts'

/** Dockerfile, Containerfile, Dockerfile.NAME, NAME.Dockerfile and the forms with a dash or underscore. */
const dockerfileName = /^((dockerfile|containerfile)([.\-_].+)?|.+[.\-_](dockerfile|containerfile))$/i

/** Whether the name of a file is that of a Dockerfile. Pure. */
export function isDockerfile(file: string): boolean {
  const name = basename(file)
  return (
    dockerfileName.test(name) && !/(ignore|\.(md|sh|j2|tmpl|tpl|template|erb|txt|bak|orig|ya?ml|json))$/i.test(name)
  )
}

/** Words of names that say how an image is made, not which image it is. */
const variantWords = oneOf(
  `dev develop development local debug test tests testing ci prod production release staging alpine slim debian ubuntu
  ubid* distroless arm arm64 aarch64 amd64 x86 windows linux multi multiarch multistage simple standalone cross new
  old hot reload live watch buildkit legacy default`,
)

/** The words of the file's own name that say which image it builds: `worker` for Dockerfile.worker.dev. Pure. */
export function ownName(file: string): string | undefined {
  const name = basename(file)
  const rest =
    /^(?:dockerfile|containerfile)[.\-_](.+)$/i.exec(name)?.[1] ??
    /^(.+)[.\-_](?:docker|container)file$/i.exec(name)?.[1]
  const words = (rest ?? '').split(/[.\-_]/).filter((word) => word !== '' && !variantWords.test(word.toLowerCase()))
  return words.length === 0 ? undefined : words.join('-')
}

/** How likely a Dockerfile is the one that production builds, among those of one image; the smallest first. */
function order(file: string): number {
  const name = basename(file).toLowerCase()
  if (/^(dockerfile|containerfile)$/.test(name)) return 0
  if (/prod|release/.test(name)) return 1
  if (/dev|local|debug|test|watch|reload/.test(name)) return 3
  return 2
}

/** The Dockerfiles of a repository, each once for each image: variants such as Dockerfile.dev belong to their image. */
export async function dockerfilesIn(
  texts: ReadonlyMap<string, string>,
  packages: ReadonlyMap<string, string>,
  exists: Exists,
): Promise<FoundDockerfile[]> {
  const groups = Map.groupBy([...texts.keys()].sort(), (file) => `${dirname(file)}/${ownName(file) ?? ''}`)
  const all = [...groups.values()].map(async (files) => {
    const sorted = files.sort((a, b) => order(a) - order(b))
    const read = await Promise.all(sorted.map((file) => dockerfileOf(file, texts.get(file) ?? '', packages, exists)))
    const [first, ...variants] = read
    return first === undefined ? [] : [{ ...first, variants }]
  })
  return (await Promise.all(all)).flat()
}

async function dockerfileOf(
  file: string,
  text: string,
  packages: ReadonlyMap<string, string>,
  exists: Exists,
): Promise<FoundDockerfile> {
  const stages = instructions(text).flatMap(({ keyword, text: rest }) =>
    keyword === 'FROM' ? (/\s[Aa][Ss]\s+(\S+)\s*$/.exec(rest)?.[1] ?? []) : [],
  )
  const packageName = nameIn(packages.get(dirname(file)))
  return { file, stages, text, context: await contextOf(file, text, exists), variants: [], packageName }
}

function nameIn(text = ''): string | undefined {
  try {
    const { name } = JSON.parse(text) as { name?: unknown }
    return typeof name === 'string' ? name.replace(/^@[^/]*\//, '') : undefined
  } catch {
    return undefined
  }
}
