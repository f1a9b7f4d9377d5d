import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { goSettings } from '../../../src/kit/go-modules.ts'
import { buildPlainGoSource } from '../../../src/kit/gobuild.ts'
import type { Workshop } from '../../../src/kit/recipe.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-gobuild-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('every call of Go compares modules with the public database, whatever the machine says', async () => {
  await mkdir(join(folder, 'source'))
  await writeFile(join(folder, 'source', 'main.go'), 'package main')
  const ran: { args: string; env: object | undefined }[] = []
  const work = {
    recipe: { name: 'tool', tools: ['go'] },
    deps: { kitDir: folder },
    dir: join(folder, 'work'),
    out: join(folder, 'out'),
    outputOf: () => join(folder, 'go'),
    async exec(_command: string, args: readonly string[], options?: { env?: object }) {
      ran.push({ args: args.slice(0, 2).join(' '), env: options?.env })
      return ''
    },
  } as unknown as Workshop
  await buildPlainGoSource(work, 'source', 'tool')
  expect(ran.map(({ args }) => args)).toEqual(['list -deps', 'build -trimpath'])
  for (const { env } of ran) expect(env).toEqual(goSettings)
  expect(goSettings).toMatchObject({ GOSUMDB: 'sum.golang.org', GOINSECURE: 'none.invalid', GONOSUMDB: 'none.invalid' })
})
