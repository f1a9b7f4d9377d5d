import { bytesOf, cpuQuantity, memoryQuantity, milliCpuOf } from '../../lib/quantity.ts'
import { podTemplate } from '../workload.ts'
import { fieldsAt, listOf, type RuleInput, type ScaleRule } from './rule.ts'

type Quantities = Record<string, unknown>
const measured = ['cpu', 'memory'] as const
type Measured = (typeof measured)[number]

/**
 * Scales the requests and limits of containers. As in Kubernetes, the request of a container defaults to its limit; the
 * rule writes it out. A request that exceeds the scaled limit is reduced to the limit.
 */
export const resources: ScaleRule = (input) => {
  const template = podTemplate(input.object)
  for (const list of ['initContainers', 'containers'] as const) {
    for (const container of template?.spec[list] ?? []) {
      const own = fieldsAt(container, 'resources')
      if (own === undefined) continue
      const path = `${list}[${container.name}].resources`
      scaleRequests(own, path, input)
      scaleLimits(own, path, input)
    }
  }
  return undefined
}

/** Scales the default requests and the minimum of a LimitRange by the factor of the requests. */
export const limitRanges: ScaleRule = (input) => {
  const { object, scale } = input
  if (object.kind !== 'LimitRange' || scale.requests === undefined) return
  listOf(fieldsAt(object, 'spec')?.limits).forEach((limit, i) => {
    for (const key of ['defaultRequest', 'min']) {
      const own = fieldsAt(limit, key)
      for (const name of own === undefined ? [] : measured) {
        change(
          { own: own ?? {}, name, factor: scale.requests?.[name] ?? 1, path: `limits[${i}].${key}`, rule: 'requests' },
          input,
        )
      }
    }
  })
}

function scaleRequests(own: Quantities, path: string, input: RuleInput): void {
  const factors = input.scale.requests
  if (factors === undefined) return
  const limits = fieldsAt(own, 'limits') ?? {}
  const requests: Quantities = { ...fieldsAt(own, 'requests') }
  for (const name of measured) {
    if (requests[name] === undefined && limits[name] !== undefined) requests[name] = limits[name]
    change({ own: requests, name, factor: factors[name], path: `${path}.requests`, rule: 'requests' }, input)
  }
  if (Object.keys(requests).length > 0) own.requests = requests
}

function scaleLimits(own: Quantities, path: string, input: RuleInput): void {
  const factors = input.scale.limits
  const limits = fieldsAt(own, 'limits')
  if (factors === undefined || limits === undefined) return
  const requests = fieldsAt(own, 'requests') ?? {}
  for (const name of measured) {
    const before = limits[name]
    if (before === undefined) continue
    if (factors === false) {
      input.note('scale.limits', `${path}.limits.${name}`, before, 'none')
      delete limits[name]
      continue
    }
    change({ own: limits, name, factor: factors[name], path: `${path}.limits`, rule: 'limits' }, input)
    if (amount(name, requests[name]) > amount(name, limits[name])) {
      input.note('scale.limits', `${path}.requests.${name}`, requests[name], limits[name])
      requests[name] = limits[name]
    }
  }
}

interface Change {
  /** The quantities to change in place. */
  readonly own: Quantities
  readonly name: Measured
  readonly factor: number
  /** Path of `own` in the object. */
  readonly path: string
  readonly rule: 'requests' | 'limits'
}

function change({ own, name, factor, path, rule }: Change, { note }: RuleInput): void {
  const before = amount(name, own[name])
  if (factor === 1 || !Number.isFinite(before)) return
  const after = name === 'cpu' ? cpuQuantity(Math.ceil(before * factor)) : memoryQuantity(wholeMi(before * factor))
  note(`scale.${rule}`, `${path}.${name}`, own[name], after)
  own[name] = after
}

/** Rounds up, so that no amount becomes zero. */
function wholeMi(bytes: number): number {
  return Math.ceil(bytes / 1024 ** 2) * 1024 ** 2
}

function amount(name: Measured, quantity: unknown): number {
  if (quantity === undefined) return Number.NaN
  return name === 'cpu' ? milliCpuOf(String(quantity)) : bytesOf(String(quantity))
}
