import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { failure, folder, load } from './support.ts'

const imported = `import { defineConfig } from 'devk'
import { name } from './name.NAME'
export default defineConfig({ name })
`
const required = `const { defineConfig } = require('devk')
const { name } = require('./name.NAME')
module.exports = defineConfig({ name })
`
const warnings = vi.spyOn(process, 'emitWarning')
afterEach(() => warnings.mockClear())

const types = [undefined, 'commonjs', 'module']

test.each(types.flatMap((type) => ['ts', 'mts', 'js', 'mjs'].map((extension) => [type, extension] as const)))(
  'in a package of type %s platform.config.%s may import, as may what it imports',
  async (type, extension) => {
    const root = folder({
      'package.json': JSON.stringify({ name: 'x', type }),
      [`platform.config.${extension}`]: imported.replace('NAME', extension),
      [`name.${extension}`]: "export const name = 'it'\n",
    })
    expect((await load(root)).name).toBe('it')
    expect(warnings).not.toHaveBeenCalled()
  },
)

test.each([
  [undefined, 'ts'],
  [undefined, 'js'],
  [undefined, 'cjs'],
  ['commonjs', 'ts'],
  ['commonjs', 'js'],
  ['commonjs', 'cjs'],
  ['module', 'cjs'],
] as const)(
  'in a package of type %s platform.config.%s may require, as may what it requires',
  async (type, extension) => {
    const root = folder({
      'package.json': JSON.stringify({ name: 'x', type }),
      [`platform.config.${extension}`]: required.replace('NAME', extension),
      [`name.${extension}`]: "exports.name = 'it'\n",
    })
    expect((await load(root)).name).toBe('it')
    expect(warnings).not.toHaveBeenCalled()
  },
)

test('a type that is imported makes no ES module, nor does an import in a comment', async () => {
  const root = folder({
    'package.json': '{ "type": "commonjs" }',
    'platform.config.ts':
      "import type { ConfigInput } from 'devk'\n/*\nimport it from 'it'\n*/\nconst config: ConfigInput = { name: 'it' }\nmodule.exports = config\n",
  })
  expect((await load(root)).name).toBe('it')
})

test.each([
  ['platform.config.cjs', "module.exports = { name: require('./name.cjs') }", 'name.cjs', 'module.exports ='],
  ['platform.config.mjs', "import name from './name.cjs'\nexport default { name }", 'name.cjs', 'module.exports ='],
])('a change of what %s takes from another file is read: %s', async (file, text, other, start) => {
  const root = folder({ [file]: text, [other]: `${start} 'one'` })
  expect((await load(root)).name).toBe('one')
  writeFileSync(join(root, other), `${start} 'two'`)
  expect((await load(root)).name).toBe('two')
})

test('an error of a CommonJS script has its place', async () => {
  const root = folder({ 'platform.config.cjs': 'module.exports = {}\nthrow new Error("no")' })
  expect((await failure(load(root))).message).toBe('platform.config.cjs:2:7 threw an error: no')
})
