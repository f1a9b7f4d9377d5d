import type { ImageStore } from '../engine/image-api.ts'
import type { Runner, RunOptions } from '../exec/runner.ts'

/** What the kit must know about the machine. */
export interface KitPlatform {
  readonly os: NodeJS.Platform
  /** Processor architecture, as Node.js names it: `x64`, `arm64`. */
  readonly arch: string
  /** User ID of devk. Only root (0) can unpack a root file system. */
  readonly uid: number
  /** Path of the CA bundle of the machine. Base images get its certificates. */
  readonly caBundle: string | undefined
}

/** What the kit needs. */
export interface KitDeps {
  readonly runner: Runner
  /** The images of the local engine. */
  readonly images: ImageStore
  /** devk's cache folder. Its folder `kit/` has the results of recipes, `bin/` has links to programs. */
  readonly cacheDir: string
  /** The folder with the Dockerfiles and Go sources (`kit/` of the package). */
  readonly kitDir: string
  readonly platform: KitPlatform
  /** Whether the kit may install missing system packages (debootstrap). */
  readonly mayInstall: boolean
  /** Milliseconds since any fixed time. */
  readonly clock: () => number
}

/** What the build function of a recipe gets: its folders, its key, and a way to run programs. */
export interface Workshop {
  readonly deps: KitDeps
  readonly signal: AbortSignal
  readonly recipe: Recipe
  readonly key: string
  /** Work folder. It is kept until the recipe succeeds, so that an interrupted build can continue. */
  readonly dir: string
  /** Folder whose content becomes the output of the recipe. */
  readonly out: string
  /** Labels that every image of this recipe must have. */
  readonly labels: Readonly<Record<string, string>>
  /** Path of the output folder of a tool recipe that this one depends on. */
  outputOf(recipe: string): string
  /**
   * Runs a program and returns its stdout. An abort also ends all processes that the program started. Throws
   * TOOL_MISSING, or KIT_FAILED with the last lines of output.
   */
  exec(command: string, args: readonly string[], options?: Pick<RunOptions, 'cwd' | 'env' | 'input'>): Promise<string>
}

/** Which images of Docker Hub a recipe stands in for, besides those that it provides. */
export interface Family {
  /** Their repositories, without `library/`. */
  readonly repositories: readonly string[]
  /** The version that the recipe has: `20`, `3.13`. */
  readonly version: string
  /** Only tags that match. A recipe with it comes before those without. */
  readonly tags?: RegExp | undefined
}

/** How the kit builds one image or tool. */
export interface Recipe {
  readonly name: string
  readonly version: string
  readonly kind: 'image' | 'tool'
  /** SPDX identifiers of the licences of the programs that this recipe adds to what it needs. Not part of the key. */
  readonly licences: readonly string[]
  /** References of the image, or names of the programs that are linked in `bin/`. */
  readonly provides: readonly string[]
  /** A dependency of other recipes. Users cannot name it. */
  readonly internal: boolean
  /** Built only when something names it: a configuration, a manifest, a preset, or the user. */
  readonly onDemand: boolean
  /** What an image with an upstream name contains; undefined for all other recipes. */
  readonly standIn: string | undefined
  /** The images that it stands in for as well; undefined for those that it provides only. Not part of the key. */
  readonly family: Family | undefined
  /** Names of the recipes whose results are part of this one. Their keys are part of its key. */
  readonly needs: readonly string[]
  /** Names of the recipes that must be built first, but do not change the result (a compiler). */
  readonly tools: readonly string[]
  /** Folders in the folder `kit/` of the package. Their content is part of the key. */
  readonly files: readonly string[]
  /** Everything else that decides the result. Part of the key. */
  readonly inputs: Readonly<Record<string, string>>
  /** The result contains certificates and package sources of the machine, so they are part of the key. */
  readonly usesHost: boolean
  /** Expected time in seconds, as measured on two cores with a fast network. */
  readonly seconds: number
  /** `compile` uses all of a processor core. Each lane limits how many of its recipes run at a time. */
  readonly lane: 'compile' | 'light'
  readonly build: (work: Workshop) => Promise<void>
}

/** A recipe with defaults for what is not given. */
export function recipe(
  data: Pick<Recipe, 'name' | 'version' | 'kind' | 'licences' | 'seconds' | 'build'> & Partial<Recipe>,
): Recipe {
  return {
    provides: [],
    internal: false,
    onDemand: false,
    standIn: undefined,
    family: undefined,
    needs: [],
    tools: [],
    files: [],
    inputs: {},
    usesHost: false,
    lane: 'light',
    ...data,
  }
}
