import { inRange } from '../lib/version.ts'

/** The part of the output of `go mod edit -json` that the kit reads. */
export interface GoModFile {
  readonly Go?: string
  readonly Replace?: readonly {
    readonly Old: { readonly Path: string; readonly Version?: string }
    readonly New: { readonly Path: string; readonly Version?: string }
  }[]
}

/** A Go module at a version. */
export interface GoRequirement {
  readonly module: string
  readonly version: string
}

/** A module that a build takes from a folder instead of the published module. */
export interface GoReplacement {
  readonly module: string
  readonly folder: string
}

/** Replacements of modules, besides those in the go.mod of the required module. */
export interface Replacements {
  /**
   * Some modules replace dependencies with folders of their own repository. The dependencies are published as modules
   * too, and this version of them is used. Without it, these replacements are left out.
   */
  readonly stagingVersion?: string
  /** Modules in folders. They take precedence over the go.mod of the required module. */
  readonly patched?: readonly GoReplacement[]
}

/**
 * The go.mod of a temporary module that requires `need` and copies the replace lines from `upstream`, the go.mod of
 * that module. Without these lines Go would build other versions of the dependencies, and `go install pkg@version`
 * refuses modules that have such lines (https://go.dev/ref/mod#go-install).
 */
export function temporaryModule(
  name: string,
  need: GoRequirement,
  upstream: GoModFile,
  { stagingVersion, patched = [] }: Replacements = {},
): string {
  const kept = (upstream.Replace ?? []).filter(({ Old }) => !patched.some(({ module }) => module === Old.Path))
  const copied = kept.flatMap(({ Old, New }) => {
    const old = Old.Version ? `${Old.Path} ${Old.Version}` : Old.Path
    if (New.Version) return [`\t${old} => ${New.Path} ${New.Version}`]
    return stagingVersion ? [`\t${old} => ${Old.Path} ${stagingVersion}`] : []
  })
  const replaces = [...copied, ...patched.map(({ module, folder }) => `\t${module} => ${folder}`)]
  const lines = [
    `module devk.kit/${name}`,
    '',
    `go ${upstream.Go ?? '1.24'}`,
    '',
    `require ${need.module} ${need.version}`,
  ]
  return [...lines, '', ...(replaces.length > 0 ? ['replace (', ...replaces, ')', ''] : [])].join('\n')
}

/** Whether the output of `go version` is 1.24 or newer. Go 1.24 is the first version with `go get -tool`. */
export function goIsRecent(versionOutput: string): boolean {
  return inRange(versionOutput, '>=1.24')
}
