/**
 * How devk's commands grow with the number of services: an `up` without changes, an `up` after a change of one service, `status` and
 * `logs --tail 10`, by turns with the same on a stack of one service. Then the memory of an `up` that stays, and the time of a key.
 * Needs a Docker engine; stop other work for exact numbers. Run: node bench/many-services.ts [SERVICES] [--objects-only]
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kubectlIn } from '../test/e2e/support/kubectl.ts'
import { type Arm, compare, timed } from './lib/arms.ts'
import { createManyServices, type ManyServices } from './lib/many-services.ts'
import { percentile } from './lib/stats.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'objects-only': { type: 'boolean', default: false } },
})
const count = Number(positionals[0] ?? 50)
const replicas = values['objects-only'] ? 0 : 1
const label = `${count}-services${replicas === 0 ? '-without-pods' : ''}`

const many = await createManyServices({ name: 'bench-many', count, replicas })
const one = await createManyServices({ name: 'bench-one', count: 1, replicas })

const arm = (project: ManyServices, name: string, args: readonly string[], before = async () => {}): Arm => ({
  name: `${name}, ${project.count} services`,
  async run() {
    await before()
    return timed(() => project.run(args))
  },
})
const both = (name: string, args: readonly string[]): [Arm, Arm] => [arm(many, name, args), arm(one, name, args)]
const up = ['up', '--detach', '--yes']

/** The version of each object of the project: a write would raise it. */
async function versions(): Promise<string> {
  const kubectl = kubectlIn(`${many.name}-control-plane`)
  return await kubectl(
    'get',
    'deployments,services,configmaps',
    '-A',
    '-l',
    `devk.dev/project=${many.name}`,
    '-o',
    'custom-columns=NAME:.metadata.name,VERSION:.metadata.resourceVersion',
  )
}

try {
  for (const project of [many, one]) await project.run(up)
  const before = await versions()
  await compare({ name: `${label}-up-again`, arms: both('up, nothing changed', up), rounds: 15 })
  console.log(`objects written by an \`up\` without changes: ${before === (await versions()) ? 'none' : 'SOME'}`)
  const change = (project: ManyServices) => arm(project, 'up, one changed', up, project.change)
  await compare({ name: `${label}-up-one-changed`, arms: [change(many), change(one)], rounds: 15 })
  await compare({ name: `${label}-status`, arms: both('status', ['status']), rounds: 15 })
  if (replicas > 0) await compare({ name: `${label}-logs`, arms: both('logs', ['logs', '--tail', '10']), rounds: 15 })
  await staying()
} finally {
  await one.dispose()
  await many.dispose()
}

/** Memory of an `up` that stays, and how long it takes from a key to its first answer on the terminal. */
async function staying(): Promise<void> {
  const live = many.devk.start(['up', '--yes'], { columns: 100 })
  try {
    await live.waitFor(/Watching/)
    await sleep(30_000)
    const children = readFileSync(`/proc/${live.child.pid}/task/${live.child.pid}/children`, 'utf8').trim().split(' ')
    const status = readFileSync(`/proc/${children[0]}/status`, 'utf8')
    const mebibytes = (field: string) => Number(status.match(`${field}:\\s+(\\d+)`)?.[1]) / 1024
    console.log(`memory of up: ${mebibytes('VmRSS').toFixed(0)} MiB (peak ${mebibytes('VmHWM').toFixed(0)})`)
    const times: number[] = []
    for (let round = 0; round < 20; round += 1) {
      const shown = live.output().length
      times.push(
        await timed(async () => {
          live.type('?')
          while (live.output().length === shown) await sleep(1)
        }),
      )
      await sleep(300)
    }
    console.log(
      `key until its answer: p50 ${percentile(times, 0.5).toFixed(0)} ms, p95 ${percentile(times, 0.95).toFixed(0)} ms`,
    )
  } finally {
    live.type('\u0003')
    await live.finished
  }
}
