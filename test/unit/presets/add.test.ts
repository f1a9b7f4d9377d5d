import { expect, test } from 'vitest'
import { sourceMap } from '../../../src/config/positions.ts'
import { withPreset } from '../../../src/presets/add.ts'

const add = (file: string, text: string) => withPreset(text, sourceMap(file, text).find(['presets']), 'ingress')

test.each([
  [
    'a list',
    "export default {\n  presets: ['jaeger'],\n}\n",
    "export default {\n  presets: ['jaeger', 'ingress'],\n}\n",
  ],
  ['an empty list', 'export default { presets: [] }\n', "export default { presets: ['ingress'] }\n"],
  [
    'a list over lines',
    "export default {\n  presets: [\n    'jaeger',\n  ],\n}\n",
    "export default {\n  presets: [\n    'jaeger', 'ingress'\n  ],\n}\n",
  ],
])('%s of a script takes one more', (_name, before, after) => {
  expect(add('platform.config.ts', before)).toBe(after)
})

test.each([
  ['a flow list', 'name: todo\npresets: [jaeger]\n', 'name: todo\npresets: [jaeger, ingress]\n'],
  ['a block list', 'presets:\n  - jaeger\nname: todo\n', 'presets:\n  - jaeger\n  - ingress\nname: todo\n'],
])('%s of YAML takes one more', (_name, before, after) => {
  expect(add('platform.config.yaml', before)).toBe(after)
})

test('a file without the list is not changed', () => {
  expect(add('platform.config.yaml', 'name: todo\n')).toBeUndefined()
})
