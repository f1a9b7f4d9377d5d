import { posix } from 'node:path'
import { type BuildFact, buildOptions, type Facts, type OpenPoint, type ServiceFact, type SyncFact } from '../facts.ts'
import type { Located } from '../located.ts'
import { below, folderOf, isIn, pathIn, splitGlob } from '../paths.ts'

const outsideBuilders = ['jibMaven', 'jibGradle', 'jib', 'bazel', 'ko', 'buildpacks', 'buildpack', 'custom']

/** The images that a module of Skaffold builds. */
export function artifactsOf(artifacts: Located): Facts {
  const services: ServiceFact[] = []
  const open: OpenPoint[] = []
  for (const artifact of artifacts.items()) {
    const image = artifact.either('image', 'imageName').text()
    const written = artifact.either('context', 'workspace').text() ?? '.'
    const context = pathIn(folderOf(artifact.place.file), written)
    const builder = outsideBuilders.find((name) => artifact.get(name).isThere)
    if (image === undefined) continue
    if (context === undefined || builder !== undefined) {
      const why =
        builder === undefined
          ? `has the context ${written}. devk builds from Dockerfiles.`
          : `is built with ${builder}. Set build.command of its service.`
      open.push({ place: artifact.place, message: `The image ${image} ${why}` })
      continue
    }
    const { build, left } = buildOf(artifact, context)
    services.push({ place: artifact.place, image, build, ...syncOf(artifact.get('sync'), context, open) })
    if (left.length > 0) {
      const message = `Build arguments of ${image} that Skaffold computes: ${left.join(', ')}. Add them to build.args.`
      open.push({ place: artifact.place, message })
    }
  }
  return { services, deploys: [], open }
}

function buildOf(artifact: Located, context: string): { build: BuildFact; left: string[] } {
  const docker = artifact.either('docker', 'kaniko')
  const file = docker.either('dockerfile', 'dockerfilePath').text() ?? artifact.get('dockerfilePath').text()
  const target = docker.get('target').text()
  const given = docker.get('buildArgs')
  const bases = artifact.get('requires').items()
  const args = {
    ...Object.fromEntries(
      bases.flatMap((base) => {
        const image = base.get('image').text()
        return image === undefined ? [] : [[base.get('alias').text() ?? image, image]]
      }),
    ),
    ...given.pairs((value) => value.textWithout('{{')),
  }
  return {
    build: {
      context,
      dockerfile: pathIn(context, file ?? 'Dockerfile') ?? posix.join(context, 'Dockerfile'),
      ...buildOptions(target, args),
    },
    left: given.entries().flatMap(([key]) => (Object.hasOwn(args, key) ? [] : key)),
  }
}

function syncOf(sync: Located, context: string, open: OpenPoint[]): { sync?: SyncFact[] } {
  const manual = sync.get('manual').items()
  // Before v1beta7, sync mapped patterns to folders, without the folder that a pattern begins with.
  const old = sync.entries().filter(([key]) => !['manual', 'infer', 'auto'].includes(key))
  const inferred = sync
    .get('infer')
    .texts()
    .flatMap((pattern) => pathIn(context, pattern) ?? [])
  const rules = [
    ...manual.flatMap((rule) => {
      const [src, dest] = [rule.get('src').text(), rule.get('dest').text()]
      if (src === undefined || dest === undefined) return []
      return ruleOf({ context, src, dest, strip: rule.get('strip').text() ?? '' }) ?? outside(rule, src, open)
    }),
    ...old.flatMap(([src, dest]) => {
      const strip = splitGlob(src).fixed
      return ruleOf({ context, src, dest: dest.text() ?? '.', strip }) ?? outside(dest, src, open)
    }),
    ...(inferred.length === 0 ? [] : [asDockerfile(inferred)]),
    ...(sync.get('auto').value === true ? [asDockerfile([])] : []),
  ]
  return rules.length === 0 ? {} : { sync: rules }
}

function outside({ place }: Located, src: string, open: OpenPoint[]): [] {
  open.push({ place, message: `The sync of ${src} is outside the build context.` })
  return []
}

function asDockerfile(only: readonly string[]): SyncFact {
  return { from: undefined, to: undefined, exclude: [], only }
}

/** A rule of Skaffold: files that match `src` go below `dest`, without the folder `strip` in front of them. */
function ruleOf(rule: {
  readonly context: string
  readonly src: string
  readonly dest: string
  readonly strip: string
}): SyncFact | undefined {
  const strip = rule.strip === '' ? '.' : posix.normalize(rule.strip).replace(/(?<=.)\/$/, '')
  const { fixed, rest } = splitGlob(rule.src)
  const start = isIn(fixed, strip) ? fixed : strip
  const from = pathIn(rule.context, start)
  const pattern = pathIn(rule.context, rule.src)
  if (from === undefined || pattern === undefined || (!isIn(fixed, strip) && !isIn(strip, fixed))) return undefined
  const isWhole = rest === '' || rest === '**' || rest === '**/*' || rest === '***'
  return {
    from,
    to: posix.join(rule.dest, below(strip, start)).replace(/(?<=.)\/$/, ''),
    exclude: [],
    only: isWhole ? [] : [pattern],
  }
}
