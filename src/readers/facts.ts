/** Where a file of the repository says something. */
export interface Place {
  /** Relative to the repository. */
  readonly file: string
  readonly line: number
}

/** How an image is built. Paths are relative to the repository. */
export interface BuildFact {
  readonly context: string
  readonly dockerfile: string
  readonly target?: string
  readonly args?: Readonly<Record<string, string>>
}

/** The target and the arguments of a build, as parts of its fact. Pure. */
export function buildOptions(
  target: string | undefined,
  args: Readonly<Record<string, string>>,
): Pick<BuildFact, 'target' | 'args'> {
  return { ...(target === undefined ? {} : { target }), ...(Object.keys(args).length === 0 ? {} : { args }) }
}

/** Files that are copied into the running container. Paths are relative to the repository. */
export interface SyncFact {
  /** A folder or file; `undefined`: whatever the Dockerfile copies. */
  readonly from: string | undefined
  /** With a slash in front, or relative to the working folder of the image; `undefined`: as the Dockerfile does. */
  readonly to: string | undefined
  /** Patterns below `from`, as in .dockerignore, of files that cause nothing. */
  readonly exclude: readonly string[]
  /** Patterns of the files that are meant; all others make a new image. Empty: all files. */
  readonly only: readonly string[]
  /** Lines for a shell in the container, to run when files have arrived. */
  readonly run?: readonly string[]
  /** The program of the container is started again after that. */
  readonly restart?: true
}

/** What a file says about a service. It is known by its image, its build or its name. */
export interface ServiceFact {
  readonly place: Place
  /** As in the manifests. */
  readonly image?: string
  /** Name of the service, or of its workload. */
  readonly name?: string
  readonly build?: BuildFact
  readonly sync?: readonly SyncFact[]
  /** The image in which people develop it, in place of the one that is built: `sync` may be for that one alone. */
  readonly developedIn?: string
  /** Patterns of files whose changes make a new image, although `sync` covers them. */
  readonly rebuild?: readonly string[]
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  /** As in the configuration: `8000`, or `LOCAL:REMOTE`. */
  readonly ports?: readonly string[]
  readonly dependsOn?: readonly string[]
}

/** A Helm release that a file describes. `chart` is a folder of the repository unless it is fetched. */
export interface HelmFact {
  readonly name: string
  readonly chart: string
  readonly repo?: string
  readonly version?: string
  readonly namespace?: string
  readonly values: readonly string[]
  readonly set: Readonly<Record<string, string | number | boolean | null>>
}

/** What a file deploys. Paths are relative to the repository. */
export interface DeployFact {
  readonly place: Place
  /** Files, folders and glob patterns. */
  readonly manifests: readonly string[]
  readonly kustomize: readonly string[]
  readonly helm: readonly HelmFact[]
}

/** What devk cannot take over from a file, as a sentence. */
export interface OpenPoint {
  readonly place: Place
  readonly message: string
  /** Nothing has to be done about it. */
  readonly isRemark?: true
}

/** What the files of other tools say about a repository. */
export interface Facts {
  readonly services: readonly ServiceFact[]
  readonly deploys: readonly DeployFact[]
  readonly open: readonly OpenPoint[]
}

/** The part of a repository that readers see. */
export interface Repository {
  /** All files, relative to the repository, with slashes. */
  readonly files: readonly string[]
  /** The text of a file that tools read; undefined if there is none. */
  read(file: string): string | undefined
}

/** Reads the files of one tool. Never throws: what it does not understand is an open point. */
export type Reader = (repository: Repository) => Facts

/** The facts of several readers, in their order. */
export function joined(parts: readonly Facts[]): Facts {
  return {
    services: parts.flatMap(({ services }) => services),
    deploys: parts.flatMap(({ deploys }) => deploys),
    open: parts.flatMap(({ open }) => open),
  }
}

/** Facts that are open points only. */
export function onlyOpen(open: readonly OpenPoint[]): Facts {
  return { services: [], deploys: [], open }
}
