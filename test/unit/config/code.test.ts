import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ConfigCode, codeOf } from '../../../src/config/code.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { failure, folder } from './support.ts'

/** Names of the files of a configuration's code, below its folder. */
const names = ({ files }: ConfigCode, root: string) =>
  [...files.keys()].map((file) => file.slice(root.length + 1)).sort()

test('the code of a configuration is the file and what it imports, directly or not, without running it', async () => {
  const root = folder({
    'platform.config.ts': "import { a } from './a.ts'\nexport * from './lib/b.ts'\nthrow new Error('ran')\n",
    'a.ts': "const c = require('./c')\nconst d = import(\n  './d.json')\n",
    'lib/b.ts': "import '../a.ts'\nconst sync = { from: './not-code.ts' }\n",
    'c.js': '',
    'd.json': '{}',
    'not-code.ts': '',
  })
  const code = await codeOf(join(root, 'platform.config.ts'))
  expect(names(code, root)).toEqual(['a.ts', 'c.js', 'd.json', 'lib/b.ts', 'platform.config.ts'])
})

test('nothing runs before the user agrees to the file and to each of its imports', async () => {
  const root = folder({
    'platform.config.mjs': "import './side.mjs'\nglobalThis.consentTest = 'ran'\nexport default { name: 'it' }\n",
    'side.mjs': "globalThis.consentTest = 'ran'\n",
  })
  const seen: string[][] = []
  const agree = async (code: ConfigCode) => {
    seen.push(names(code, root))
    throw new Error('no')
  }
  await expect(loadConfig({ cwd: root, env: {}, agree })).rejects.toThrow('no')
  expect([seen, 'consentTest' in globalThis]).toEqual([[['platform.config.mjs', 'side.mjs']], false])
})

test.each([
  ['platform.config.mjs', "const name = './na' + 'me.mjs'\nexport default (await import(name)).default\n", 'name.mjs'],
  ['platform.config.cjs', "module.exports = require('./na' + 'me.cjs')\n", 'name.cjs'],
])('an import that %s computes runs only when it is agreed to as well', async (file, text, other) => {
  const start = other.endsWith('mjs') ? 'export default' : 'module.exports ='
  const root = folder({ [file]: text, [other]: `${start} { name: 'it' }\n` })
  const seen: string[][] = []
  const config = await loadConfig({ cwd: root, env: {}, agree: async (code) => void seen.push(names(code, root)) })
  expect([config.name, seen]).toEqual(['it', [[file], [other, file].sort()]])
})

test('what was agreed to does not run with another content', async () => {
  const root = folder({ 'platform.config.mjs': "export default { name: 'it' }\n" })
  let asked = 0
  const agree = async () => {
    asked += 1
    if (asked === 1) writeFileSync(join(root, 'platform.config.mjs'), 'globalThis.swapped = true\n')
    else throw new Error('asked again')
  }
  expect((await failure(loadConfig({ cwd: root, env: {}, agree }))).message).toBe('asked again')
  expect('swapped' in globalThis).toBe(false)
})

test('data is read without a question', async () => {
  const root = folder({ 'platform.config.yaml': 'name: it\n' })
  const agree = () => Promise.reject(new Error('asked'))
  expect((await loadConfig({ cwd: root, env: {}, agree })).name).toBe('it')
})
