import type { Program } from './program.ts'

/** A program among the outputs. */
export interface NamedProgram extends Program {
  /** For messages. */
  readonly name: string
}

/** What a container offers to programs. */
export interface Offered {
  /** Of the node, in Go's terms. */
  readonly arch: string
  /** Those of the paths that were asked for which exist. */
  readonly paths: ReadonlySet<string>
}

/** The loaders of the two usual C libraries, by architecture. */
const loaders: Readonly<Record<string, { readonly glibc: string; readonly musl: string }>> = {
  amd64: { glibc: '/lib64/ld-linux-x86-64.so.2', musl: '/lib/ld-musl-x86_64.so.1' },
  arm64: { glibc: '/lib/ld-linux-aarch64.so.1', musl: '/lib/ld-musl-aarch64.so.1' },
}
/** The same architectures, as Rust names them. */
const rust: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' }

/** The paths that decide in a container whether these programs run there. Pure. */
export function wantedPaths(programs: readonly Program[]): string[] {
  const known = programs.flatMap(({ arch = '' }) => Object.values(loaders[arch] ?? {}))
  return [...new Set([...programs.flatMap(({ interpreter }) => interpreter ?? []), ...known])]
}

/**
 * Why one of the programs cannot run in a container, with the fix; undefined if all can. `platform`: the architecture
 * that the image is built for, if the configuration names one: the node then emulates it. Pure.
 */
export function mismatch(
  programs: readonly NamedProgram[],
  { arch, paths }: Offered,
  platform: string | undefined,
): string | undefined {
  for (const program of programs) {
    const { name, interpreter } = program
    const wanted = platform ?? arch
    if (program.os !== 'linux') {
      const fix = fixOf({ GOOS: 'linux', GOARCH: wanted })
      return `${name} is a program for ${program.os}, and containers run Linux. ${fix}`
    }
    if (program.arch !== undefined && program.arch !== arch && program.arch !== platform) {
      return `${name} is a program for ${program.arch}, and the container needs ${wanted}. ${fixOf({ GOARCH: wanted })}`
    }
    if (interpreter === undefined || paths.has(interpreter)) continue
    const { glibc = '', musl = '' } = loaders[program.arch ?? ''] ?? {}
    const needs = /musl/.test(interpreter) ? 'musl' : interpreter === glibc ? 'glibc' : 'another C library'
    const has = paths.has(musl) ? 'The image has musl.' : paths.has(glibc) ? 'It has glibc.' : 'It has no C library.'
    const target = `${rust[wanted] ?? wanted}-unknown-linux-musl`
    const isStatic = `for Rust: --target ${target} makes a static program as well`
    const lacks = `${name} needs ${interpreter} (${needs}), and the image has no such file. ${has}`
    return `${lacks} ${fixOf({ CGO_ENABLED: '0' })}; ${isStatic}.`
  }
  return undefined
}

function fixOf(variables: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(variables).map(([name, value]) => `${name}: '${value}'`)
  return `For Go, set build.local.env: { ${pairs.join(', ')} }`
}
