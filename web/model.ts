import type { UiState } from '../src/commands/ui/api.ts'

/** What is shown: parts of the stack, from the state of the API. Everything here is pure. */

/** The state of a part; `unknown` before the cluster has answered. */
export type PartState = 'ready' | 'starting' | 'failed' | 'stopped' | 'unavailable' | 'unknown'

/** Kinds of parts, in the order in which they are shown. */
export const kinds = ['service', 'local', 'external', 'preset'] as const
/** A kind of part. */
export type Kind = (typeof kinds)[number]

/** A service, program of this machine, external or preset. */
export interface Part {
  readonly kind: Kind
  readonly name: string
  readonly state: PartState
  readonly reason: string | null
  readonly note: string | null
  readonly since: string | null
  readonly image: string | null
  readonly restarts: number
  readonly pods: readonly PartPod[]
  readonly urls: readonly string[]
  readonly dependsOn: readonly string[]
  readonly workload: string | null
  readonly version: string | null
  readonly usage: Usage | null
}

/** A pod of a part. */
export interface PartPod {
  readonly name: string
  readonly ready: boolean
  readonly restarts: number
  readonly reason: string | null
}

/** What a part uses beside what it requests. CPU in thousandths, memory in bytes. */
export interface Usage {
  readonly used: { readonly cpu: number; readonly memory: number } | null
  readonly requested: { readonly cpu: number; readonly memory: number }
  /** null: no limit. */
  readonly limits: { readonly cpu: number | null; readonly memory: number | null }
}

/** The states of programs of this machine, in the words of services. */
const localStates = { waiting: 'starting', running: 'ready', ended: 'stopped', failed: 'failed' } as const

/** All parts of a state, services first. */
export function partsOf({ recorded, report, usage }: UiState): Part[] {
  const lists = { service: report?.services, external: report?.externals, preset: report?.presets, local: undefined }
  const part = (kind: Kind, name: string, more: Partial<Part> = {}): Part => {
    const entry = lists[kind]?.find((each) => each.name === name)
    const urls = [...new Set([entry?.url ?? [], more.urls ?? []].flat())].filter(isWebUrl)
    return {
      kind,
      name,
      state: entry?.state ?? 'unknown',
      reason: entry?.reason ?? null,
      note: entry?.note ?? null,
      since: entry?.since ?? null,
      image: entry?.image ?? null,
      restarts: entry?.restarts ?? 0,
      pods: entry?.pods ?? [],
      dependsOn: [],
      workload: null,
      version: null,
      usage: usage?.uses.find((use) => use.kind === kind && use.name === name) ?? null,
      ...more,
      urls,
    }
  }
  return [
    ...recorded.services.map(({ name, workload, url, dependsOn }) =>
      part('service', name, { workload, dependsOn, urls: url === null ? [] : [url] }),
    ),
    ...(report?.locals ?? []).map(({ name, state, reason, dependsOn, urls }) =>
      part('local', name, { state: localStates[state], reason, dependsOn, urls }),
    ),
    ...recorded.externals.map((name) => part('external', name)),
    ...recorded.presets.map(({ name, version, urls }) =>
      part('preset', name, { version, urls: urls.map(({ url }) => url) }),
    ),
  ]
}

/** Only these become links: a URL comes from the configuration of a project, which may not run code in the page. */
function isWebUrl(url: string): boolean {
  return /^https?:\/\//i.test(url)
}

/** A node of the topology. */
export interface GraphNode {
  readonly id: string
  /** The part; undefined for a URL. */
  readonly part: Part | undefined
  readonly label: string
}

/** The topology: URLs lead to services and programs of this machine, and these to what they need. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly { readonly from: string; readonly to: string }[]
}

/** The topology of these parts. Presets are in it only if a service depends on them. */
export function graphOf(parts: readonly Part[]): Graph {
  const idOf = ({ kind, name }: Part) => `${kind}/${name}`
  const needed = new Set(parts.flatMap(({ dependsOn }) => dependsOn))
  const shown = parts.filter(({ kind, name }) => kind !== 'preset' || needed.has(name))
  const byName = new Map([...shown].reverse().map((part) => [part.name, part]))
  const needing = shown.filter(({ kind }) => kind === 'service' || kind === 'local')
  const urls = needing.flatMap((part) => part.urls.map((url) => ({ url, part })))
  return {
    nodes: [
      ...urls.map(({ url, part }) => ({ id: `url/${idOf(part)}/${url}`, part: undefined, label: url })),
      ...shown.map((part) => ({ id: idOf(part), part, label: part.name })),
    ],
    edges: [
      ...urls.map(({ url, part }) => ({ from: `url/${idOf(part)}/${url}`, to: idOf(part) })),
      ...needing.flatMap((part) =>
        part.dependsOn.flatMap((name) => {
          const to = byName.get(name)
          return to === undefined ? [] : [{ from: idOf(part), to: idOf(to) }]
        }),
      ),
    ],
  }
}

/** How many parts are ready: `7 of 8 ready`. */
export function summaryOf(parts: readonly Part[]): string {
  const ready = parts.filter(({ state }) => state === 'ready').length
  return `${ready} of ${parts.length} ready`
}

/** A short name of an image: without its registry, and only the start of a digest or of a content hash. */
export function shortImage(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1)
  return name.replace(/[0-9a-f]{16,}$/, (hash) => hash.slice(0, 7))
}

/** `42 s`, `3 min`, `2 h`, `5 d` between two times. */
export function ageOf(since: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** CPU as Kubernetes writes it: `250m`, `1.5`. */
export function cpuText(thousandths: number): string {
  return thousandths < 1000 ? `${Math.round(thousandths)}m` : String(Math.round(thousandths / 100) / 10)
}

/** Memory in MiB or GiB. */
export function memoryText(bytes: number): string {
  const mib = bytes / 1024 ** 2
  return mib < 1024 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1)} GiB`
}
