import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Supply } from '../../../../src/platform/image-sources.ts'
import type { EarlyImages } from '../../../../src/up/images/early.ts'
import { supplyImage } from '../../../../src/up/images/supply.ts'
import type { ImageWork } from '../../../../src/up/images/work.ts'
import { buildRequest } from '../../../support/build-request.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-unit-'))
  await writeFile(join(folder, 'Dockerfile'), 'FROM base\nCOPY --from=alpine:3 a /\n')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const { signal } = new AbortController()

/** Supplies `r/api:1`; returns what the engine was asked for, in order. */
async function supplied(more: Partial<ImageWork>, contexts: Record<string, string>, has: readonly string[] = []) {
  return (await supply(more, contexts, has)).done
}

async function supply(
  more: Partial<ImageWork>,
  contexts: Record<string, string>,
  has: readonly string[],
  early?: EarlyImages,
) {
  const done: string[] = []
  const present = new Set(has)
  const deps = {
    offersKit: () => false,
    credentials: async () => undefined,
    builder: {
      async build({ tag }: { tag: string }) {
        done.push(`build ${tag}`)
        present.add(tag)
      },
    },
    engine: {
      images: {
        inspect: async (reference: string) => (present.has(reference) ? { id: reference } : undefined),
        pull: async (reference: string) => done.push(`pull ${reference}`),
        tag: async (from: string, to: string) => done.push(`tag ${from} ${to}`),
      },
    },
    loader: { load: async () => ({ via: 'none', ms: 0 }) },
  } as unknown as Supply
  const request = buildRequest(folder, 'r/api:1', { contexts })
  const work = { owner: 'api', reference: 'r/api:1', request, ...more }
  const route = { remote: false } as never
  const { built } = await supplyImage(work, { supply: deps, route, early }, () => {}, signal)
  return { done, built }
}

const base: ImageWork = { owner: 'base', reference: 'r/base:1', request: buildRequest('', 'r/base:1') }

test('the image of another service is built first and not pulled', async () => {
  base.request && Object.assign(base.request, { dockerfile: '/dev/null' })
  const contexts = { base: 'docker-image://r/base:1' }
  const all = ['build r/base:1', 'pull alpine:3', 'build r/api:1']
  expect(await supplied({ bases: [base] }, contexts)).toEqual(all)
  expect(await supplied({ bases: [base] }, contexts, ['r/base:1'])).toEqual(all.slice(1))
  expect(await supplied({ bases: [base] }, contexts, ['r/api:1'])).toEqual([])
})

test('an image whose bases were unknown also gets the name that it has with them', async () => {
  expect(await supplied({ nameNow: async () => 'r/api:2' }, {})).toEqual([
    'pull base',
    'pull alpine:3',
    'build r/api:1',
    'tag r/api:1 r/api:2',
  ])
  expect(await supplied({ nameNow: async () => 'r/api:1' }, {})).not.toContain('tag r/api:1 r/api:1')
})

test('an image that came early is not built again, and counts as built; one that could not be made early is built now', async () => {
  const early = (built: boolean): EarlyImages => ({
    begin: () => {},
    take: async (owner) => built && owner === 'api',
    stop: async () => {},
  })
  expect(await supply({}, {}, ['r/api:1'], early(true))).toEqual({ done: [], built: true })
  expect(await supply({}, {}, ['r/api:1'], early(false))).toEqual({ done: [], built: false })
  const all = ['pull base', 'pull alpine:3', 'build r/api:1']
  expect(await supply({}, {}, [], early(false))).toEqual({ done: all, built: true })
})
