import { realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isFolderContext } from '../../config/build-contexts.ts'
import { formatPath } from '../../config/problems.ts'
import type { Build, LoadedConfig } from '../../config/schema.ts'
import { usedPaths } from '../../config/used-paths.ts'
import { DevkError } from '../../errors.ts'
import { isWithin } from '../../lib/paths.ts'
import { readDockerfile } from './content.ts'
import { readIgnore } from './ignore.ts'
import { buildSources, entriesIn } from './sources.ts'
import { neededStages } from './stages.ts'

/**
 * Throws SECRET_COPIED if a build would copy a file into its image that the configuration uses for a Secret or as a
 * secret of a build: whoever gets the image could read it.
 */
export async function requireNoCopiedSecrets(config: LoadedConfig, builds: readonly Build[]): Promise<void> {
  const secrets = usedPaths(config).filter(({ isSecret }) => isSecret)
  const found = new Map<string, string>()
  const fixes = new Set<string>()
  for (const build of builds) {
    for (const { path, at } of secrets) {
      for (const { place, file, ignore } of await copiesOf(build, path)) {
        const from = relative(config.root, path)
        const who = place.line === undefined ? place.file : `${relative(config.root, place.file)}:${place.line}`
        found.set(`${who} ${path}`, `${who} copies ${from} into the image; ${formatPath(at)} uses it as a secret`)
        fixes.add(`the line ${file} to ${relative(config.root, ignore)}`)
      }
    }
  }
  if (found.size === 0) return
  throw new DevkError('SECRET_COPIED', 'A build would copy secrets into its image', {
    details: [...found.values()],
    hint: `Add ${[...fixes].join(' and ')}.`,
  })
}

interface Copy {
  /** The instruction, or the named context, which copies it. */
  readonly place: { readonly file: string; readonly line: number | undefined }
  /** The file below the context. */
  readonly file: string
  /** The ignore file that should name it. */
  readonly ignore: string
}

/** Where a build copies a file. A link to the file is copied as a link. */
async function copiesOf(build: Build, path: string): Promise<Copy[]> {
  const copies: Copy[] = []
  const file = await belowContext(build.context, path)
  const rules = file === undefined ? undefined : await readIgnore(build)
  if (file !== undefined && rules?.ignores(file) === false) {
    const line = copyingLine(await readDockerfile(build.dockerfile), build, file)
    const ignore = rules.file ?? join(build.context, '.dockerignore')
    if (line !== undefined) copies.push({ place: { file: build.dockerfile, line }, file, ignore })
  }
  for (const [name, context] of Object.entries(build.contexts)) {
    const inside = isFolderContext(context) ? await belowContext(context, path) : undefined
    if (inside === undefined) continue
    // BuildKit reads only this ignore file in other contexts. Which of their files a build takes is not worked out.
    const ignore = join(context, '.dockerignore')
    const other = await readIgnore({ context, dockerfile: ignore })
    if (!other.ignores(inside)) {
      copies.push({ place: { file: `The context ${name}`, line: undefined }, file: inside, ignore })
    }
  }
  return copies
}

/** The path of a file below a context; undefined for one that is elsewhere or does not exist. */
async function belowContext(context: string, path: string): Promise<string | undefined> {
  const [folder, file] = await Promise.all([context, path].map((each) => realpath(each).catch(() => undefined)))
  if (folder === undefined || file === undefined || file === folder || !isWithin(file, folder)) return undefined
  return relative(folder, file)
}

/** The line of the first instruction that copies a file of the context; in doubt, one that may. */
function copyingLine(dockerfile: string, { args, target }: Build, file: string): number | undefined {
  const names = Object.keys(args)
  const { stages } = neededStages(dockerfile, args, target)
  const entry = {
    path: file,
    kind: 'file',
    mode: 0,
    size: 0,
    mtimeMs: 0,
    ctimeMs: 0,
    inode: 0,
    target: undefined,
  } as const
  for (const stage of stages) {
    for (const step of stage.steps) {
      if (!/^(COPY|ADD|ONBUILD)$/.test(step.keyword)) continue
      const { paths } = buildSources(dockerfile, [{ ...stage, steps: [step] }], names)
      const taken = paths === undefined ? undefined : entriesIn([entry], paths)
      if (taken === undefined || taken.length > 0) return step.line
    }
  }
  return undefined
}
