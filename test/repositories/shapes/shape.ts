/** A small repository in the shape of many public ones: what it runs, and what init has to make of that. */
export interface Shape {
  readonly about: string
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>
  /** By service, the Dockerfile that builds it, with `#stage`. */
  readonly built: Readonly<Record<string, string>>
  /** The services of `built` that no workload runs, as other images are built from them; default: none. */
  readonly bases?: readonly string[]
  /** The services of `built` to which saves are synced, as their authors do it by hand; default: none. */
  readonly synced?: readonly string[]
  /** Workloads whose images stay as they are; default: none. */
  readonly others?: readonly string[]
  /** Patterns of the notes, in their order; default: none. */
  readonly open?: readonly RegExp[]
}

/** A Dockerfile: its base image and the lines after it. */
export function from(base: string, ...lines: readonly string[]): string {
  return `FROM ${base}\n${lines.map((line) => `${line}\n`).join('')}`
}

/** A Dockerfile whose program is compiled in a stage of its own. */
export function compiled(base: string, build: string, last: string): string {
  return `FROM ${base} AS build\nWORKDIR /src\nCOPY . .\nRUN ${build}\nFROM ${last}\nCOPY --from=build /out /app\nENTRYPOINT ["/app"]\n`
}
