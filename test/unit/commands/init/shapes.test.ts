import { relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readPlan } from '../../../../src/commands/plan/plan.ts'
import { loadConfig } from '../../../../src/config/load.ts'
import type { LoadedConfig } from '../../../../src/config/schema.ts'
import { DevkError } from '../../../../src/errors.ts'
import type { Runner } from '../../../../src/exec/runner.ts'
import { supervisor } from '../../../../src/lib/keys.ts'
import { kustomized, templated } from '../../../repositories/shapes/render.ts'
import type { Shape } from '../../../repositories/shapes/shape.ts'
import { shapes } from '../../../repositories/shapes/shapes.ts'
import { init } from './terminal.ts'

/** A kubectl and a helm that know the plain kustomizations and charts of the shapes. */
function renderers(files: Shape['files']): Runner {
  const charts = Object.keys(files).flatMap((file) => /^(.+)\/Chart\.yaml$/.exec(file)?.[1] ?? [])
  const run = async (_command: string, args: readonly string[], { cwd = '' }: { cwd?: string } = {}) => {
    const chart = args[0] === 'template' && charts.find((each) => args[2]?.endsWith(each))
    if (chart) return { exitCode: 0, stdout: templated(chart, files), stderr: '' }
    const [, folder = ''] = args
    if (args[0] === 'kustomize') return { exitCode: 0, stdout: kustomized(resolve(cwd, folder)), stderr: '' }
    return { exitCode: 127, stdout: '', stderr: 'not found' }
  }
  return { run } as unknown as Runner
}

/** An engine that does not answer. */
function noEngine(): unknown {
  const none = () => Promise.reject(new DevkError('ENGINE_UNAVAILABLE', 'There is no engine'))
  return new Proxy({}, { get: () => new Proxy({}, { get: () => none }) })
}

/** By service, the Dockerfile that builds it, with `#stage`. */
function builtFrom({ services }: LoadedConfig, folder: string): Record<string, string> {
  const entries = Object.entries(services).flatMap(([name, { build }]) => {
    if (build === undefined) return []
    const target = build.target === undefined ? '' : `#${build.target}`
    return [[name, `${relative(folder, build.dockerfile)}${target}`]]
  })
  return Object.fromEntries(entries)
}

test.each(shapes)('$about', async ({ files, built, bases = [], synced = [], others = [], open = [] }) => {
  const { ctx, cwd, printed } = await init(files, [], {
    yes: true,
    json: true,
    runner: renderers(files),
    engine: noEngine as never,
  })
  expect(JSON.parse(printed).notes).toEqual(open.map((pattern) => expect.stringMatching(pattern)))
  const plan = await readPlan(ctx, {})
  const config = await loadConfig({ cwd, env: {}, agree: async () => {} })
  const services = builtFrom(config, cwd)
  expect(services).toEqual(built)
  const run = Object.keys(built).filter((name) => !bases.includes(name))
  expect(plan.images.filter((name) => name !== supervisor.owner).toSorted()).toEqual(run.toSorted())
  const live = Object.entries(config.services).flatMap(([name, { sync }]) => (sync.length > 0 ? [name] : []))
  expect(live.toSorted()).toEqual([...synced].toSorted())
  const foreign = Object.entries(config.services).flatMap(([name, { build, workload }]) =>
    build ? [] : [workload ?? name],
  )
  expect(foreign.toSorted()).toEqual([...others].toSorted())
})
