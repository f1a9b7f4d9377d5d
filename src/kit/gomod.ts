import { inRange } from '../lib/version.ts'

/** What `go mod edit -json` gives of a module file, as far as the kit reads it. */
export interface GoModFile {
  readonly Go?: string
  readonly Replace?: readonly {
    readonly Old: { readonly Path: string; readonly Version?: string }
    readonly New: { readonly Path: string; readonly Version?: string }
  }[]
}

export interface GoRequirement {
  readonly module: string
  readonly version: string
}

/** A module that a build takes from a folder instead of from its publisher. */
export interface GoReplacement {
  readonly module: string
  readonly folder: string
}

/**
 * The go.mod of a throw-away module that depends on `need` and carries over the replace lines of that module's own file.
 * `go install pkg@version` refuses modules that have any, and without them other versions of the dependencies are built.
 * A replacement by a folder of the same repository becomes the module published from it, at `stagingVersion`; without that it
 * is left out. `ours` come before all that.
 */
export function throwAwayModule(
  name: string,
  need: GoRequirement,
  upstream: GoModFile,
  stagingVersion?: string,
  ours: readonly GoReplacement[] = [],
): string {
  const theirs = (upstream.Replace ?? []).filter(({ Old }) => !ours.some(({ module }) => module === Old.Path))
  const carried = theirs.flatMap(({ Old, New }) => {
    const old = Old.Version ? `${Old.Path} ${Old.Version}` : Old.Path
    if (New.Version) return [`\t${old} => ${New.Path} ${New.Version}`]
    return stagingVersion ? [`\t${old} => ${Old.Path} ${stagingVersion}`] : []
  })
  const replaces = [...carried, ...ours.map(({ module, folder }) => `\t${module} => ${folder}`)]
  const lines = [
    `module devk.kit/${name}`,
    '',
    `go ${upstream.Go ?? '1.24'}`,
    '',
    `require ${need.module} ${need.version}`,
  ]
  return [...lines, '', ...(replaces.length > 0 ? ['replace (', ...replaces, ')', ''] : [])].join('\n')
}

/** True when `go version` says 1.24 or newer, the first with `go get -tool`. */
export function goIsRecent(versionOutput: string): boolean {
  return inRange(versionOutput, '>=1.24')
}
