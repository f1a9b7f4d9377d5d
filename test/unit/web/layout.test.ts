import { expect, test } from 'vitest'
import { curve, draw, nodeSize } from '../../../web/layout.ts'
import { graphOf, partsOf } from '../../../web/model.ts'
import { entry, stateOf, todo } from '../../browser/support/states.ts'

const places = (direction: 'LR' | 'TB') => [...draw(graphOf(partsOf(todo)), direction).nodes.values()]

test('each rank is right of the one before, and below it on a narrow page', () => {
  const across = places('LR').map(({ x }) => x)
  expect(across).toEqual(across.toSorted((a, b) => a - b))
  const down = places('TB').map(({ y }) => y)
  expect(down).toEqual(down.toSorted((a, b) => a - b))
})

test('200 services and a circle of needs are drawn without overlaps, inside the drawing', () => {
  const names = Array.from({ length: 200 }, (_, index) => `service-${index}`)
  const needs = Object.fromEntries(names.map((name, index) => [name, [`service-${(index * 7 + 1) % 200}`]]))
  const state = stateOf(
    names.map((name) => entry(name)),
    needs,
  )
  const { nodes, width, height } = draw(graphOf(partsOf(state)), 'LR')
  const all = [...nodes.values()]
  for (const [index, { x, y }] of all.entries()) {
    expect(x >= 0 && y >= 0 && x + nodeSize.width <= width && y + nodeSize.height <= height).toBe(true)
    const over = all.slice(index + 1).find((other) => Math.abs(other.x - x) < 200 && Math.abs(other.y - y) < 60)
    expect(over).toBeUndefined()
  }
})

test('nothing is drawn as nothing', () => {
  expect(draw({ nodes: [], edges: [] }, 'LR')).toMatchObject({ width: 0, height: 0 })
  expect(curve([], 'LR')).toBe('')
})

test('a line leaves the middle of the one side and reaches the middle of the other', () => {
  const { nodes, edges } = draw(graphOf(partsOf(todo)), 'LR')
  const [from, to] = [nodes.get('service/frontend'), nodes.get('service/backend')]
  const line = edges.find(({ id }) => id === 'service/frontend → service/backend')
  expect(line?.points).toEqual([
    { x: (from?.x ?? 0) + nodeSize.width, y: (from?.y ?? 0) + nodeSize.height / 2 },
    { x: to?.x, y: (to?.y ?? 0) + nodeSize.height / 2 },
  ])
})

test('a line goes through its points, and is level where it begins and ends', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 20 },
  ]
  expect(curve(points, 'LR')).toBe('M0,0C5,0 5,20 10,20')
  expect(curve(points, 'TB')).toBe('M0,0C0,10 10,10 10,20')
})
