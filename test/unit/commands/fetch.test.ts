import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runFetch } from '../../../src/commands/fetch.ts'
import type { CliContext } from '../../../src/context.ts'
import { fakeHelm, folderWith } from '../manifests/charts/support.ts'

const config = `name: shop
deploy:
  helm:
    - {name: cache, chart: oci://example.com/redis, version: ^1}
    - {name: mail, chart: mail, repo: https://example.com}
`

async function project() {
  const root = await folderWith({ 'platform.config.yaml': config })
  const published: Record<string, Record<string, string>> = { redis: { '1.0.0': 'a' }, mail: { '2.0.0': 'm' } }
  const helm = fakeHelm(published)
  const fetch = async (names: string[], update = false) => {
    const stdout = new PassThrough()
    const ctx = {
      cwd: root,
      env: {},
      packageRoot: fileURLToPath(new URL('../../../', import.meta.url)),
      runner: helm.runner,
      paths: { charts: join(root, 'cache') },
      signal: AbortSignal.timeout(10_000),
      json: true,
      stdout,
    } as unknown as CliContext
    expect(await runFetch(ctx, names, { update })).toBe(0)
    stdout.end()
    const { charts } = JSON.parse(await text(stdout)) as { charts: { releases: string[]; version: string }[] }
    return charts.map(({ releases, version }) => `${releases} ${version}`)
  }
  return { fetch, published }
}

test('it fetches what is missing; with --update the newest versions, of some releases or of all', async () => {
  const { fetch, published } = await project()
  expect(await fetch(['cache'])).toEqual(['cache 1.0.0'])
  expect(await fetch([])).toEqual(['mail 2.0.0'])
  expect(await fetch([])).toEqual([])
  published.redis = { '1.0.0': 'a', '1.1.0': 'b' }
  expect(await fetch([])).toEqual([])
  expect(await fetch(['mail'], true)).toEqual(['mail 2.0.0'])
  expect(await fetch([], true)).toEqual(['cache 1.1.0', 'mail 2.0.0'])
})

test('a release that does not exist is reported with those that do', async () => {
  const { fetch } = await project()
  await expect(fetch(['cash'])).rejects.toMatchObject({ code: 'USAGE', hint: 'Releases and presets: cache, mail.' })
})
