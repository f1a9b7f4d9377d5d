import { expect, test } from 'vitest'
import { parseData } from '../../../src/config/data.ts'
import { withPreset } from '../../../src/presets/add.ts'

const chart = { chart: 'oci://example.com/argo-cd', version: '^8', values: ['./argo.yaml'] }

test.each([
  [
    'a list',
    "export default {\n  presets: ['jaeger'],\n}\n",
    "export default {\n  presets: ['jaeger', 'ingress'],\n}\n",
  ],
  ['an empty list', 'export default { presets: [] }\n', "export default { presets: ['ingress'] }\n"],
  [
    'a list over lines, with a remark',
    "export default {\n  presets: [\n    'jaeger', // traces\n  ],\n}\n",
    "export default {\n  presets: [\n    'jaeger', // traces\n    'ingress',\n  ],\n}\n",
  ],
  [
    'a list whose last entry has no comma',
    'export default {\n  presets: [\n    "jaeger" /* ] */\n  ],\n}\n',
    'export default {\n  presets: [\n    "jaeger", /* ] */\n    "ingress"\n  ],\n}\n',
  ],
  [
    'a list with lists and brackets in texts',
    "export default { presets: [{ chart: 'a]', values: ['b'] }], name: 'x' }\n",
    "export default { presets: [{ chart: 'a]', values: ['b'] }, 'ingress'], name: 'x' }\n",
  ],
  [
    'no list',
    "export default defineConfig({\n  name: 'todo', // ours\n  services: {},\n})\n",
    "export default defineConfig({\n  name: 'todo',\n  presets: ['ingress'], // ours\n  services: {},\n})\n",
  ],
  [
    'no list, on one line',
    "export default { name: 'todo' }\n",
    "export default { name: 'todo', presets: ['ingress'] }\n",
  ],
])('%s of a script takes one more', (_name, before, after) => {
  expect(withPreset('platform.config.ts', before, 'ingress')).toBe(after)
})

test.each([
  ['a computed list', 'export default { name: "a", presets: common.concat("x") }'],
  ['a list that is filtered', 'export default { name: "a", presets: ["x"].filter(Boolean) }'],
  ['a list elsewhere', 'const presets = ["x"]\nexport default { name: "a", presets }'],
  ['an object that is computed', 'export default defineConfig(make())'],
])('%s is not changed', (_name, text) => {
  expect(withPreset('platform.config.ts', text, 'ingress')).toBeUndefined()
})

test('a description is written as a literal of the language', () => {
  expect(withPreset('c.ts', "export default { name: 'a' }", chart)).toBe(
    "export default { name: 'a', presets: [{ chart: 'oci://example.com/argo-cd', version: '^8', values: ['./argo.yaml'] }] }",
  )
  const odd = { manifests: "https://example.com/it's\\.yaml" }
  const written = withPreset('c.ts', "export default { name: 'a' }", odd) ?? ''
  expect(written).toContain("'https://example.com/it\\'s\\\\.yaml'")
})

test.each([
  ['an existing list', '{\n  "name": "a",\n  "presets": [\n    "jaeger"\n  ]\n}\n'],
  ['an empty list', '{ "name": "a", "presets": [] }'],
  ['no list', '{\n  "name": "a"\n}\n'],
])('JSON with %s stays JSON', (_name, text) => {
  const result = JSON.parse(withPreset('c.json', text, chart) ?? '')
  expect(result).toMatchObject({ name: 'a' })
  expect(result.presets.at(-1)).toEqual(chart)
})

test.each([
  ['a flow list', 'name: todo\npresets: [jaeger]\n', 'name: todo\npresets: [jaeger, ingress]\n'],
  ['a block list', 'presets:\n  - jaeger\nname: todo\n', 'presets:\n  - jaeger\n  - ingress\nname: todo\n'],
  [
    'a block list without indentation, with remarks',
    '# ours\nname: todo # a\npresets:\n- jaeger # traces\n\n# the services\nservices: {}\n',
    '# ours\nname: todo # a\npresets:\n- jaeger # traces\n- ingress\n\n# the services\nservices: {}\n',
  ],
  ['no list', '# ours\nname: todo\n', '# ours\nname: todo\npresets:\n  - ingress\n'],
])('%s of YAML takes one more', (_name, before, after) => {
  expect(withPreset('platform.config.yaml', before, 'ingress')).toBe(after)
})

test('YAML takes a description, and a list that is something else is not changed', () => {
  const text = withPreset('c.yaml', 'name: a\npresets: [jaeger]\n', chart) ?? ''
  expect(parseData(text, 'c.yaml', 'c.yaml')).toEqual({ name: 'a', presets: ['jaeger', chart] })
  expect(withPreset('c.yaml', 'name: a\npresets: jaeger\n', chart)).toBeUndefined()
  expect(withPreset('c.yaml', 'name: [a\n', chart)).toBeUndefined()
})
