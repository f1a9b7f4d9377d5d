import type { ImageStore } from '../engine/image-api.ts'
import type { Runner, RunOptions } from '../exec/runner.ts'

export interface KitPlatform {
  readonly os: NodeJS.Platform
  /** Node's word for the processor: `x64`, `arm64`. */
  readonly arch: string
  /** The user devk runs as; only 0 may unpack a root file system. */
  readonly uid: number
  /** Path of the machine's bundle of trusted certificates, which the base images get too. */
  readonly caBundle: string | undefined
}

/** What the kit works with. */
export interface KitDeps {
  readonly runner: Runner
  /** Images of the local engine. */
  readonly images: ImageStore
  /** devk's cache folder; results lie in `kit/` below it, links to programs in `bin/`. */
  readonly cacheDir: string
  /** The folder with the Dockerfiles and Go sources (`kit/` of the package). */
  readonly kitDir: string
  readonly platform: KitPlatform
  /** The user has agreed that missing system packages (debootstrap) are installed. */
  readonly mayInstall: boolean
  /** Milliseconds from any fixed point. */
  readonly clock: () => number
}

/** What a recipe's build function gets: its folders, its key, and a way to run programs. */
export interface Workshop {
  readonly deps: KitDeps
  readonly signal: AbortSignal
  readonly recipe: Recipe
  readonly key: string
  /** Scratch folder, kept until the recipe has succeeded, so that an interrupted build goes on where it was. */
  readonly dir: string
  /** What lies here at the end becomes the recipe's output. */
  readonly out: string
  /** Labels every image of this recipe carries. */
  readonly labels: Readonly<Record<string, string>>
  /** Output folder of a needed tool recipe. */
  outputOf(recipe: string): string
  /** Runs a program with all its descendants and gives its stdout; throws KIT_FAILED with its last lines. */
  exec(command: string, args: readonly string[], options?: Pick<RunOptions, 'cwd' | 'env' | 'input'>): Promise<string>
}

/** One thing the kit can make: data, and the function that makes it. */
export interface Recipe {
  readonly name: string
  readonly version: string
  readonly kind: 'image' | 'tool'
  /** References the image gets, or names of the programs that are linked into `bin/`. */
  readonly provides: readonly string[]
  /** Only a step on the way to others; not offered by name. */
  readonly internal: boolean
  /** Built only when it is named: by a configuration, a manifest, a preset or the user. */
  readonly onDemand: boolean
  /** What a stand-in really is; undefined for what is built from the upstream source. */
  readonly standIn: string | undefined
  /** Recipes whose results go into this one, and whose keys go into its key. */
  readonly needs: readonly string[]
  /** Recipes that must be there to build, but do not change the result (a compiler). */
  readonly tools: readonly string[]
  /** Folders below the kit's folder that go into the key. */
  readonly files: readonly string[]
  /** Everything else that decides the result. */
  readonly inputs: Readonly<Record<string, string>>
  /** The machine's certificates and package sources go into the result, so into the key. */
  readonly usesHost: boolean
  /** Measured on two cores with a fast network. */
  readonly seconds: number
  /** `compile` keeps the processor busy: at most two at once. */
  readonly lane: 'compile' | 'light'
  readonly build: (work: Workshop) => Promise<void>
}

/** Fills in what most recipes leave as it is. */
export function recipe(
  data: Pick<Recipe, 'name' | 'version' | 'kind' | 'seconds' | 'build'> & Partial<Recipe>,
): Recipe {
  return {
    provides: [],
    internal: false,
    onDemand: false,
    standIn: undefined,
    needs: [],
    tools: [],
    files: [],
    inputs: {},
    usesHost: false,
    lane: 'light',
    ...data,
  }
}
