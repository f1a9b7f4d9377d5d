/**
 * How long the first `devk up` of one small service takes, with its cluster, and `devk down`, by turns with `kind create cluster` and
 * `kind delete cluster` of the same node image. The kit's images are there. Needs a Docker engine; stop other work for exact numbers.
 * Run: node bench/cold-up.ts
 */
import { execFileSync } from 'node:child_process'
import { nodeImage } from '../test/e2e/support/test-cluster.ts'
import { findKind } from '../test/e2e/support/tools.ts'
import { type Arm, compare, timed } from './lib/arms.ts'
import { createManyServices } from './lib/many-services.ts'

const kind = await findKind()
const project = await createManyServices({ name: 'bench-cold', count: 1, replicas: 1 })
const runKind = (...args: string[]) => execFileSync(kind, args, { stdio: 'ignore' })
const create = () => runKind('create', 'cluster', '--name', 'bench-kind', '--image', nodeImage, '--wait', '180s')
const remove = () => runKind('delete', 'cluster', '--name', 'bench-kind')
const up = () => project.run(['up', '--detach', '--yes'])
const down = () => project.run(['down'])

/** An arm that counts only the first of two steps. */
const first = (name: string, step: () => unknown, after: () => unknown): Arm => ({
  name,
  async run() {
    const took = await timed(step)
    await after()
    return took
  },
})
/** An arm that counts only the second of two steps. */
const second = (name: string, before: () => unknown, step: () => unknown): Arm => ({
  name,
  async run() {
    await before()
    return timed(step)
  },
})

try {
  const creating: [Arm, Arm] = [first('devk up', up, down), first('kind create cluster', create, remove)]
  await compare({ name: 'cold-up', arms: creating, rounds: 5, warmups: 1 })
  const deleting: [Arm, Arm] = [second('devk down', up, down), second('kind delete cluster', create, remove)]
  await compare({ name: 'cold-down', arms: deleting, rounds: 5, warmups: 0 })
} finally {
  remove()
  await project.dispose()
}
