import { expect, test } from 'vitest'
import type { Kube, KubeObject, WatchEvent } from '../../../../src/kube/api.ts'
import { untilReady } from '../../../../src/stack/ready/until-ready.ts'
import { deployment, rolledOut, stackKube } from '../support.ts'

const signal = AbortSignal.timeout(20_000)
const inShop = (object: KubeObject, more: object = {}): KubeObject => ({
  ...object,
  ...more,
  metadata: { ...object.metadata, namespace: 'shop', uid: `uid-${object.metadata.name}` },
})
const pod = (image: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image }] },
})
const wait = (kube: Kube, objects: readonly KubeObject[], more: object = {}) =>
  untilReady(objects, { kube, timeoutMs: 5000, signal, clock: Date.now, ...more })

test('resolves when the controllers have finished, and reports each new reason with the name', async () => {
  const [web, api] = [inShop(deployment('web'), { status: {} }), inShop(deployment('api'), { status: rolledOut })]
  const kube = stackKube({ objects: [web, api] })
  const reasons: string[] = []
  const done = wait(kube, [web, api], {
    onReason(reason: string, name: string) {
      reasons.push(`${name}: ${reason}`)
      kube.put({ ...web, status: rolledOut })
    },
  })
  await done
  expect(reasons).toEqual(['Deployment shop/web: its controller has not observed it yet'])
})

test('at the deadline the error has the reason of each object that is not ready', async () => {
  const objects = ['web', 'api'].map((name) => inShop(deployment(name), { status: {} }))
  const kube = stackKube({ objects })
  await expect(wait(kube, objects, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'NOT_READY',
    message: 'Deployment shop/web was not ready in 0 s: its controller has not observed it yet',
    details: ['Deployment shop/api: its controller has not observed it yet'],
  })
})

test('a workload does not count as ready before its pods are listed, even if its status says so', async () => {
  const web = inShop(deployment('web', 'web:2'), { status: rolledOut })
  const kube = stackKube({ objects: [web, pod('web:1')] })
  const late: Kube = {
    ...kube,
    async watch(kind, options, onEvent: (event: WatchEvent) => void) {
      if (kind.kind === 'Pod') await new Promise((resolve) => setTimeout(resolve, 60))
      return kube.watch(kind, options, onEvent)
    },
  }
  const reasons: string[] = []
  const onReason = (reason: string) => {
    reasons.push(reason)
    kube.put(pod('web:2'))
  }
  await wait(late, [web], { onReason })
  expect(reasons).toEqual(['pod web-1 still runs web:1'])
})

test('the signal of the caller ends the wait with its own reason', async () => {
  const web = inShop(deployment('web'), { status: {} })
  const stop = new AbortController()
  const waiting = wait(stackKube({ objects: [web] }), [web], { signal: stop.signal })
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
})
