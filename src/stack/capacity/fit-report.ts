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

/** What does not fit, and what is tight, one line each; [] when all is well. */
export function fitLines({ misfits, tooMuchMemory, tightCpu, requested, available, unseen }: Fit): string[] {
  const lost = misfits.map(({ workload, pods, each, why }) => {
    const who = pods === 1 ? '1 pod finds' : `${pods} pods find`
    return `${workload}: ${who} no room (${amountText(each)} each): ${why}`
  })
  const memory = tooMuchMemory
    ? [`All pods request ${bytes(requested.memory)} of memory; the machine has ${bytes(available.memory)}.`]
    : []
  const cpu = tightCpu
    ? [
        `All pods request ${requested.cpu / 1000} CPU of the machine's ${available.cpu / 1000}; they start, and share it.`,
      ]
    : []
  const beside = unseen.map((workload) => `${workload}: its required pod affinity was not looked at.`)
  return [...lost, ...memory, ...cpu, ...beside]
}

/**
 * Throws HOST_UNFIT when some pod could never start, with what to scale so that all do. `beside` is what no rule
 * scales.
 */
export function requireFit(
  objects: readonly KubeObject[],
  room: Room,
  scale: Scale,
  beside: readonly Demand[] = [],
): void {
  const result = fitOf([...demands(objects), ...beside], room)
  if (fits(result)) return
  const { requested, available } = result
  const advice = suggestion(objects, room, scale, beside)
  throw new DevkError('HOST_UNFIT', 'The stack does not fit on the nodes of its cluster', {
    details: [
      ...fitLines({ ...result, tightCpu: false, unseen: [] }),
      `In all: ${amountText(requested)} requested; there are ${amountText(available)}.`,
      'Nothing was deployed.',
    ],
    hint: `${advice === undefined ? 'Take services out, or give the nodes more' : `This would do: scale: ${advice}`}. devk plan shows each rule; devk up --no-fit goes on all the same.`,
  })
}

/** The mildest rules that make everything fit, as the configuration writes them; undefined when none of them does. */
export function suggestion(
  objects: readonly KubeObject[],
  room: Room,
  scale: Scale,
  beside: readonly Demand[] = [],
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
      if (fits(fitOf([...demands(smaller), ...beside], room))) return asWritten(count, factor, scale)
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
