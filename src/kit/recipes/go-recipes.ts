import { buildGoPrograms, type GoBuild } from '../gobuild.ts'
import { type Recipe, recipe } from '../recipe.ts'

/** A recipe that builds commands of published Go modules. */
export function goRecipe(
  data: Pick<Recipe, 'name' | 'version' | 'seconds'> & Partial<Recipe> & { readonly builds: readonly GoBuild[] },
): Recipe {
  const { builds, ...rest } = data
  return recipe({
    kind: 'tool',
    internal: true,
    lane: 'compile',
    files: builds.flatMap(({ patches = [] }) => patches.map(({ folder }) => folder)),
    inputs: { builds: JSON.stringify(builds) },
    build: (work) => buildGoPrograms(work, builds),
    ...rest,
  })
}

/** What a build may have besides its module; `over` is the folder of the kit whose files are laid over the module itself. */
type Extra = Pick<GoBuild, 'ldflags' | 'tags' | 'patches'> & { readonly over?: string }

/** A build of one module: `programs` maps file names to packages below the module. */
export function goBuild(
  module: string,
  version: string,
  programs: Readonly<Record<string, string>>,
  { over, ...extra }: Extra = {},
): GoBuild {
  const list = Object.entries(programs).map(([out, path]) => ({
    out,
    package: path === '' ? module : `${module}/${path}`,
  }))
  const build = { module, version: `v${version}`, programs: list, ...extra }
  if (over === undefined) return build
  return { ...build, patches: [...(extra.patches ?? []), { module, version: build.version, folder: over }] }
}
