import type { AgentBinary } from '../../agent/binary.ts'
import type { ImageStore } from '../../engine/image-api.ts'
import type { Runner } from '../../exec/runner.ts'
import type { BuildRequest } from '../../images/build/request.ts'

/** How many images are built, pulled and loaded at once. */
export const imagesAtOnce = 2

/** An image that the stack runs, and where it comes from. */
export interface ImageWork {
  /** The service or external; for other images the reference. */
  readonly owner: string
  /** The name in the pod templates. */
  readonly reference: string
  /** How devk builds it; undefined for an image that is pulled or comes from the kit. */
  readonly request: BuildRequest | undefined
  /** The place in a manifest that names it, when only a manifest does. */
  readonly namedAt?: string
  /** Makes the image that the request starts from, by a command of the configuration. */
  readonly source?: ImageSource
  /** The images of other services that it is built from. They are built first. */
  readonly bases?: readonly ImageWork[]
  /**
   * The name that the same sources have by what the engine knows now. Once the engine has the base images, their
   * content is part of the name.
   */
  readonly nameNow?: (signal: AbortSignal) => Promise<string>
  /** The source that was written since the reference was made, even with the same content; undefined if none was. */
  readonly changed?: () => Promise<string | undefined>
  /** The files of the build context that the reference is a hash of. */
  readonly listing?: ContextListing
}

/** An image that an outside builder makes. */
export interface ImageSource {
  /**
   * Runs the command, calls `build` while the engine has the image under the name that the request starts from, and
   * takes this name away. Throws BUILD_FAILED, DISK_FULL, and what `build` throws.
   */
  use(
    build: () => Promise<void>,
    images: ImageStore,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>
}

/** A build that is nothing but its Dockerfile. */
export const noSettings = {
  ...{ contexts: {}, ssh: [], args: {}, secrets: {}, cacheFrom: [] },
  ...{ target: undefined, platform: undefined, noCache: false, caCertificates: undefined },
} as const

/** The files and folders of a build context at one moment. */
export interface ContextListing {
  readonly context: string
  /** Times of change (ctime, ms) by absolute path. */
  readonly files: ReadonlyMap<string, number>
  readonly folders: readonly string[]
}

/** What naming the images depends on besides the configuration. */
export interface WorkOptions {
  /** Folder for the digests of files. */
  readonly cacheFolder: string
  /** File with the key of these digests. */
  readonly keyFile: string
  /** Wall clock, ms. */
  readonly clock: () => number
  readonly env: Readonly<Record<string, string | undefined>>
  /** First part of the names of built images: `localhost:5001`. */
  readonly registry: string
  /** Looks up base images; they are unknown without an engine. */
  readonly images: Pick<ImageStore, 'inspect'>
  /** Folder for the build context of the supervisor, and its program, which is the agent's. Rejects with NODE_AGENT. */
  readonly supervisor: { readonly folder: string; readonly program: () => Promise<AgentBinary> }
  /** Starts the commands of the configuration that make images. */
  readonly runner: Pick<Runner, 'spawn'>
  /** Folder for Dockerfiles that start from what these made. */
  readonly outsideFolder: string
  readonly signal: AbortSignal
  /** Keep the listing of each build context. */
  readonly listed?: boolean
}
