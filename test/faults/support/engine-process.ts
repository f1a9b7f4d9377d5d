// A process that deploys or removes a project, so that a test can kill it: `node engine-process.ts KUBECONFIG up|down PROJECT`,
// with the objects as JSON on standard input.
import { text } from 'node:stream/consumers'
import { connectKube } from '../../../src/kube/client/client.ts'
import { deploy, remove } from './stack.ts'

const [kubeconfig = '', verb, project = ''] = process.argv.slice(2)
const { kube } = await connectKube(kubeconfig, 'faults')
const objects = JSON.parse(await text(process.stdin))
console.log('begins')
await (verb === 'up' ? deploy(kube, project, objects) : remove(kube, project))
