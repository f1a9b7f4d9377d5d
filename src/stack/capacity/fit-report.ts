import type { Scale } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { bytes } from '../../lib/text.ts'
import { scaled } from '../../manifests/scale/scale.ts'
import { type Amount, type Demand, demands } from './demand.ts'
import { type Fit, fitOf, fits } from './fit.ts'
import type { Room } from './room.ts'

/** `1.5 CPU, 4.0 GiB`. */
export function amountText({ cpu, memory }: Amount): string {
  return `${Number((cpu / 1000).toFixed(2))} CPU, ${bytes(memory)}`
}

/** One line for each problem: pods that fit on no node, too much memory, CPU that must be shared. [] if none. Pure. */
export function fitLines({ misfits, tooMuchMemory, tightCpu, requested, available, unchecked }: Fit): string[] {
  const lost = misfits.map(({ workload, pods, each, why }) => {
    const who = pods === 1 ? '1 pod fits' : `${pods} pods fit`
    return `${workload}: ${who} on no node (${amountText(each)} each): ${why}`
  })
  const memory = `All pods request ${bytes(requested.memory)} of memory; the machine has ${bytes(available.memory)}.`
  const [cpus, all] = [requested.cpu, available.cpu].map((cpu) => cpu / 1000)
  const cpu = `All pods request ${cpus} CPU; the machine has ${all}. The pods start and share it.`
  const affinity = unchecked.map((workload) => `${workload}: its required pod affinity was not checked.`)
  return [...lost, ...(tooMuchMemory ? [memory] : []), ...(tightCpu ? [cpu] : []), ...affinity]
}

/**
 * Throws HOST_UNFIT if a pod can never start; the hint has the rules of `scale` that make all pods fit. `others` are
 * demands that no rule can reduce. Pure.
 */
export function requireFit(
  objects: readonly KubeObject[],
  room: Room,
  scale: Scale,
  others: readonly Demand[] = [],
): void {
  const result = fitOf([...demands(objects), ...others], room)
  if (fits(result)) return
  const { requested, available } = result
  const rules = suggestion(objects, room, scale, others)
  const fix = rules === undefined ? 'Remove services, or give the nodes more' : `This makes it fit: scale: ${rules}`
  throw new DevkError('HOST_UNFIT', 'The stack does not fit on the nodes of its cluster', {
    details: [
      ...fitLines({ ...result, tightCpu: false, unchecked: [] }),
      `In total the pods request ${amountText(requested)}; the nodes have ${amountText(available)}.`,
      'Nothing was deployed.',
    ],
    hint: `${fix}. devk plan shows each rule; devk up --no-fit deploys without this check.`,
  })
}

/**
 * The mildest rules of `scale` that make all pods fit, in the syntax of the configuration; undefined if none do. Pure.
 */
export function suggestion(
  objects: readonly KubeObject[],
  room: Room,
  scale: Scale,
  others: readonly Demand[] = [],
): string | undefined {
  const rendered = objects.map((object) => ({ object, origin: { file: '', line: undefined } }))
  const place = { externals: new Map(), storage: undefined }
  const none = { storageClasses: {}, hosts: {}, issuers: {}, externals: {} }
  const most = Math.max(1, ...demands(objects).map(({ pods }) => (pods === 'each' ? 1 : pods)))
  const replicas = [undefined, ...[3, 2, 1].filter((count) => count < most)]
  const factors = [1, 0.5, 0.25, 0.1, 0.05, 0.01]
  for (const factor of factors) {
    for (const count of replicas) {
      const extra: Scale = { ...none, replicas: count, requests: { cpu: factor, memory: factor } }
      const smaller = scaled(rendered, extra, place).objects.map(({ object }) => object)
      if (fits(fitOf([...demands(smaller), ...others], room))) return asWritten(count, factor, scale)
    }
  }
  return undefined
}

function asWritten(replicas: number | undefined, factor: number, { requests }: Scale): string {
  const now = { cpu: (requests?.cpu ?? 1) * factor, memory: (requests?.memory ?? 1) * factor }
  const round = (value: number) => Number(value.toPrecision(2))
  const both = now.cpu === now.memory
  const text = both ? `${round(now.cpu)}` : `{ cpu: ${round(now.cpu)}, memory: ${round(now.memory)} }`
  const parts = [
    ...(replicas === undefined ? [] : [`replicas: ${replicas}`]),
    ...(factor === 1 ? [] : [`requests: ${text}`]),
  ]
  return `{ ${parts.join(', ')} }`
}
