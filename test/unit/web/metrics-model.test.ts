import { expect, test } from 'vitest'
import type { UiSample } from '../../../src/commands/ui/api.ts'
import { box, chartOf, chartText, memoryShare, recent, seriesOf, spanMs } from '../../../web/metrics-model.ts'
import { partsOf } from '../../../web/model.ts'
import { entry, stateOf } from '../../browser/support/states.ts'

const start = Date.parse('2026-11-29T12:00:00Z')
const sample = (second: number, cpu: number, name = 'backend'): UiSample => ({
  time: new Date(start + second * 1000).toISOString(),
  uses: [{ kind: 'service', name, cpu, memory: cpu * 1024 ** 2 }],
})
const usage = (requested: number, limit: number | null) => ({
  used: { cpu: 0, memory: 0 },
  requested: { cpu: requested, memory: requested * 1024 ** 2 },
  limits: { cpu: limit, memory: limit },
})
const points = (samples: readonly UiSample[]) => seriesOf(samples, 'cpu').get('service/backend') ?? []

test('samples are kept for 15 minutes, in their order, and each once', () => {
  const kept = recent([sample(0, 1), sample(20, 3)], [sample(10, 2), sample(20, 3)])
  expect(points(kept).map(({ value }) => value)).toEqual([1, 2, 3])
  expect(recent(kept, [sample(910, 4)]).map(({ uses: [use] }) => use?.cpu)).toEqual([2, 3, 4])
  expect(recent([], [])).toEqual([])
})

test('a curve ends at the present time, and a gap is not bridged', () => {
  const { line } = chartOf(
    points([sample(0, 50), sample(15, 100), sample(150, 100)]),
    usage(0, null),
    'cpu',
    start + spanMs,
  )
  expect(line).toBe('M0,34.9h0L5,5.8M50,5.8h0')
})

test('what is requested and the limit are drawn where they do not flatten the curve', () => {
  const curve = points([sample(0, 100)])
  const chart = (requested: number, limit: number | null) => chartOf(curve, usage(requested, limit), 'cpu', start)
  expect(chart(200, 5000)).toMatchObject({ requested: 5.8, limit: null })
  expect(chart(50, 400)).toMatchObject({ requested: 56.7, limit: 5.8 })
  expect(chart(0, null)).toMatchObject({ requested: null, limit: null })
  expect(chartOf([], usage(100, 200), 'cpu', start)).toEqual({ line: '', requested: null, limit: null })
  expect(chartOf(points([sample(0, 0)]), usage(0, null), 'cpu', start).line).toBe(`M300,${box.height}h0`)
})

test('a chart says in words what it shows', () => {
  const curve = points([sample(0, 9), sample(10, 40), sample(20, 12)])
  expect(chartText(curve, usage(100, null), 'cpu')).toBe('now 12m, between 9m and 40m, 100m requested, no limit')
  expect(chartText([], usage(0, 2 ** 30), 'memory')).toBe('not measured yet, none requested, limit 1.0 GiB')
})

test('the share of the memory limit is known with a limit and a measurement only', () => {
  const use = { name: 'backend', kind: 'service' as const, requested: { cpu: 0, memory: 0 }, pods: [] }
  const share = (memory: number | null, used: number | null) => {
    const own = { ...use, used: used === null ? null : { cpu: 0, memory: used }, limits: { cpu: null, memory } }
    const state = { ...stateOf([entry('backend')]), usage: { project: 'todo', nodes: [], uses: [own] } }
    return partsOf(state).map(memoryShare)[0]
  }
  expect([share(200, 190), share(null, 190), share(200, null)]).toEqual([95, undefined, undefined])
})
