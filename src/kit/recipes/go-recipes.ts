import { buildGoPrograms, type GoBuild } from '../gobuild.ts'
import { type Recipe, recipe } from '../recipe.ts'

/** A tool recipe that builds commands of published Go modules. By default it is internal. */
export function goRecipe(
  data: Pick<Recipe, 'name' | 'version' | 'licences' | 'seconds'> &
    Partial<Recipe> & { readonly builds: readonly GoBuild[] },
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

/** Further properties of a build. `overlay` is a folder of the kit. Its files replace files of the module itself. */
type Extra = Pick<GoBuild, 'ldflags' | 'tags' | 'patches'> & { readonly overlay?: string }

/**
 * A build of programs from one module at `version` (without `v`). `programs` maps the file name of each program to the
 * path of its package in the module; '' is the root of the module.
 */
export function goBuild(
  module: string,
  version: string,
  programs: Readonly<Record<string, string>>,
  { overlay, ...extra }: Extra = {},
): GoBuild {
  const list = Object.entries(programs).map(([out, path]) => ({
    out,
    package: path === '' ? module : `${module}/${path}`,
  }))
  const build = { module, version: `v${version}`, programs: list, ...extra }
  if (overlay === undefined) return build
  return { ...build, patches: [...(extra.patches ?? []), { module, version: build.version, folder: overlay }] }
}
