import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ForeignProject, foreignProject, oldestNode, pinnedNode } from '../support/installed-package.ts'

const imported = "import { defineConfig } from 'devk'\nexport default defineConfig({ name: 'another' })\n"
const typed =
  "import { type ConfigInput, defineConfig } from 'devk'\nconst config: ConfigInput = { name: 'another' }\nexport default defineConfig(config)\n"
const required = "const { defineConfig } = require('devk')\nmodule.exports = defineConfig({ name: 'another' })\n"

let project: ForeignProject
const nodes: Record<string, string> = {}
beforeAll(async () => {
  project = await foreignProject()
  nodes.oldest = await oldestNode(join(project.folder, '../oldest node'))
  nodes.pinned = pinnedNode
})
afterAll(() => project?.dispose())

test('the Nodes are the two that are meant', async () => {
  const version = async (node: string | undefined) => (await project.run(node ?? '', 'node', ['--version'])).stdout
  expect(await version(nodes.oldest)).toMatch(/^v22\.22\./)
  expect(await version(nodes.pinned)).toMatch(/^v24\./)
})

const files = [
  ['platform.config.ts', typed],
  ['platform.config.mts', typed],
  ['platform.config.js', imported],
  ['platform.config.mjs', imported],
  ['platform.config.cjs', required],
] as const

test.each(['oldest', 'pinned'].flatMap((node) => files.map(([file, text]) => [node, file, text] as const)))(
  'with the %s Node, npx devk reads %s in a project of type commonjs and writes nothing to stderr',
  async (node, file, text) => {
    await writeFile(join(project.folder, file), text)
    expect((await project.run(nodes[node] ?? '', 'npx', ['devk', 'allow'])).exitCode).toBe(0)
    const { exitCode, stdout, stderr } = await project.run(nodes[node] ?? '', 'npx', [
      'devk',
      'config',
      'show',
      '--json',
    ])
    await rm(join(project.folder, file))
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'another', file: join(project.folder, file) })
  },
)

test.each([
  ['oldest', 'module', "import { defineConfig } from 'devk'; console.log(defineConfig({ name: 'it' }).name)"],
  ['oldest', 'commonjs', "console.log(require('devk').defineConfig({ name: 'it' }).name)"],
  ['pinned', 'module', "import { defineConfig } from 'devk'; console.log(defineConfig({ name: 'it' }).name)"],
  ['pinned', 'commonjs', "console.log(require('devk').defineConfig({ name: 'it' }).name)"],
])('with the %s Node, a %s of another program can use the package', async (node, type, text) => {
  const finished = await project.run(nodes[node] ?? '', 'node', [`--input-type=${type}`, '--eval', text])
  expect(finished).toEqual({ exitCode: 0, stdout: 'it\n', stderr: '' })
})
