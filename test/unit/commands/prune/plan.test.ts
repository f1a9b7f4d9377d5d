import { expect, test } from 'vitest'
import { type ProjectUse, type PruneFacts, planPrune } from '../../../../src/commands/prune/plan.ts'

const labels = (project: string, service = 'web') => ({ 'devk.dev/project': project, 'devk.dev/service': service })
const image = (tags: string[], own: Record<string, string>, ownSize = 10) => ({
  id: 'sha256:1',
  tags,
  labels: own,
  diffIds: [],
  size: 100,
  ownSize,
})
const running: ProjectUse = { name: 'todo', gone: false, uses: '["localhost:5001/todo/web:new"]' }
const nothing: PruneFacts = { projects: [], images: [], registry: [] }
const pruned = (facts: Partial<PruneFacts>) => planPrune({ ...nothing, ...facts })

test('an image that the cluster uses is kept, and an older one is removed from engine and registry', () => {
  const references = ['localhost:5001/todo/web:old', 'localhost:5001/todo/web:new']
  expect(
    pruned({
      projects: [running],
      images: references.map((reference) => image([reference], labels('todo'))),
      registry: references.map((reference) => ({ reference, labels: labels('todo') })),
    }),
  ).toEqual({
    projects: [],
    images: [{ reference: 'localhost:5001/todo/web:old', bytes: 10 }],
    registry: ['localhost:5001/todo/web:old'],
  })
})

test('everything of a project is kept while its cluster does not answer', () => {
  const images = [image(['localhost:5001/todo/web:old'], labels('todo'))]
  expect(pruned({ projects: [{ ...running, uses: undefined }], images }).images).toEqual([])
})

test('the record of a cluster that no longer exists is removed with its images', () => {
  const images = [image(['devk.local/todo/web:1'], labels('todo'))]
  expect(pruned({ projects: [{ name: 'todo', gone: true, uses: undefined }], images })).toMatchObject({
    projects: ['todo'],
    images: [{ reference: 'devk.local/todo/web:1' }],
  })
})

test('the image of the supervisor belongs to its project', () => {
  const tags = ['localhost:5001/todo/devk-supervisor:1', 'localhost:5001/shop/devk-supervisor:1']
  const images = [image(tags, { 'devk.dev/project': 'todo' })]
  expect(pruned({ projects: [{ name: 'todo', gone: true, uses: undefined }], images }).images).toEqual([
    { reference: tags[0], bytes: 0 },
  ])
})

test('a project of another state folder is kept', () => {
  expect(pruned({ images: [image(['localhost:5001/shop/web:1'], labels('shop'))] }).images).toEqual([])
})

test('images that others built from an image of devk are kept', () => {
  const images = [image(['mine:1'], labels('todo')), image([], labels('todo'))]
  expect(pruned({ projects: [{ ...running, uses: '' }], images })).toEqual({ projects: [], images: [], registry: [] })
})

test('what another tool pushed into the registry is removed when no cluster runs it', () => {
  const registry = [
    { reference: 'localhost:5001/mine:1', labels: {} },
    { reference: 'localhost:5001/team/app:1', labels: labels('todo') },
    { reference: 'localhost:5001/tilt:2', labels: {} },
  ]
  const tags = (uses: string | undefined) => pruned({ projects: [{ ...running, uses }], registry }).registry
  expect(tags('["devk-registry:5000/tilt:2"]')).toEqual(['localhost:5001/mine:1', 'localhost:5001/team/app:1'])
  expect(tags(undefined)).toEqual([])
  expect(pruned({ registry }).registry).toHaveLength(3)
})

test('space is counted once, with the last name of an image', () => {
  const two = ['localhost:5001/todo/web:1', 'devk.local/todo/web:1']
  const bytes = (plan: ReturnType<typeof pruned>) => plan.images.reduce((sum, each) => sum + each.bytes, 0)
  expect(bytes(pruned({ projects: [{ ...running, uses: '' }], images: [image(two, labels('todo'))] }))).toBe(10)
  expect(
    bytes(pruned({ projects: [{ ...running, uses: '' }], images: [image([...two, 'mine:1'], labels('todo'))] })),
  ).toBe(0)
})
