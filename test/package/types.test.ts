import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ForeignProject, foreignProject, pinnedNode } from '../support/installed-package.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

let project: ForeignProject
beforeAll(async () => {
  project = await foreignProject()
})
afterAll(() => project?.dispose())

/** What tsc says of these files of the project, in strict mode. */
async function check(files: Record<string, string>, ...flags: string[]): Promise<string> {
  for (const [file, text] of Object.entries(files)) await writeFile(join(project.folder, file), text)
  const options = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--types', '', ...flags]
  return (await project.run(pinnedNode, 'tsc', [...options, ...Object.keys(files)])).stdout
}

test('ES modules and CommonJS have the types of a configuration', async () => {
  const config = (text: string) => `import { defineConfig } from 'devk'\nexport default defineConfig(${text})\n`
  const files = (text: string) =>
    Object.fromEntries(['ts', 'mts', 'cts'].map((extension) => [`platform.config.${extension}`, config(text)]))
  expect(await check(files("{ name: 'x', services: { web: { ports: ['80'] } } }"))).toBe('')
  const provider = { 'provider.mts': config("{ name: 'x', cluster: { provider: 'k3d' } }") }
  const wrong = await check({ ...files("{ name: 'x', service: {} }"), ...provider })
  expect(wrong.match(/'service' does not exist in type 'ConfigInput'/g)).toHaveLength(3)
  expect(wrong).toMatch(/^provider\.mts.* Type '"k3d"' is not assignable/m)
})

test('the generated types are those of the schema', async () => {
  const text = `import type { ConfigInput as Packed } from 'devk'
import type { ConfigInput } from '${repository}src/config/schema.ts'
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Expand<T> = T extends (infer E)[] ? Expand<E>[] : T extends object ? { [K in keyof T]: Expand<T[K]> } : T
export const same: Same<Expand<Packed>, Expand<ConfigInput>> = true
`
  const flags = ['--allowImportingTsExtensions', '--skipLibCheck', '--exactOptionalPropertyTypes']
  expect(await check({ 'same.mts': text }, ...flags)).toBe('')
  const other = text.replace('Same<Expand<Packed>', 'Same<Expand<Omit<Packed, "timeout">>')
  expect(await check({ 'other.mts': other }, ...flags)).toContain("Type 'true' is not assignable to type 'false'")
})
