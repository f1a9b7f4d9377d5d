import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planPresets } from '../../../../src/commands/plan/presets.ts'
import type { PlannedPreset } from '../../../../src/commands/plan/shape.ts'
import { planText } from '../../../../src/commands/plan/text.ts'
import type { LoadedConfig } from '../../../../src/config/schema.ts'
import type { Kube } from '../../../../src/kube/api.ts'
import { labels } from '../../../../src/lib/keys.ts'
import { readBuiltIn } from '../../../../src/presets/folder.ts'
import { readManifests } from '../../../../src/presets/manifests.ts'
import { seenImages } from '../../../../src/state/seen-images.ts'
import { fakeKube } from '../../../fakes/kube.ts'

const { signal } = new AbortController()
const config = { name: 'shop', services: {} } as LoadedConfig

async function planned(kube: Kube | undefined): Promise<PlannedPreset[]> {
  const presets = await readBuiltIn(join(import.meta.dirname, '../../../../presets'), ['metrics-server'])
  const sources = { manifests: readManifests(presets), project: async () => [] }
  return planPresets(
    config,
    presets,
    { kube, engine: undefined, seen: seenImages('/nonexistent'), issuer: undefined, ...sources },
    signal,
  )
}

test('in an empty cluster the plan creates all objects of a preset, and writes nothing', async () => {
  const kube = fakeKube({ kinds: { 'apiregistration.k8s.io/v1 APIService': false } })
  const [absent, empty] = [await planned(undefined), await planned(kube)]
  expect(absent).toEqual(empty)
  expect(absent).toMatchObject([{ name: 'metrics-server', change: 0, delete: 0, unchanged: 0 }])
  expect(absent[0]?.create).toBeGreaterThan(5)
  expect(kube.writes).toEqual([])
})

test('the plan shows a preset that is installed and no longer configured', async () => {
  const own = { [labels.project]: 'shop', [labels.preset]: 'jaeger', [labels.hash]: 'h' }
  const managedFields = [{ manager: 'devk', operation: 'Apply' }]
  const old = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'jaeger', namespace: 'x', labels: own, managedFields },
  }
  const kube = fakeKube({ objects: [old], kinds: { 'apiregistration.k8s.io/v1 APIService': false } })
  expect((await planned(kube)).at(-1)).toEqual({
    name: 'jaeger',
    version: null,
    create: 0,
    change: 0,
    delete: 1,
    unchanged: 0,
  })
})

test('each preset has a line, and counts as a change', () => {
  const counts = { create: 0, change: 0, delete: 0, unchanged: 0 }
  const report = {
    ...{ project: 'shop', cluster: { context: 'kind-shop', exists: true }, overlay: null },
    ...{ rules: [], changes: [], notes: [], unchanged: 3, images: [], fit: null },
  }
  const text = (...presets: PlannedPreset[]) => planText({ ...report, presets }, { columns: 100, color: false })
  expect(text({ ...counts, name: 'grafana', version: '13.2.0', unchanged: 5 })).toBe(
    'shop  kind-shop\n\nPRESETS\n  grafana 13.2.0: 5 objects unchanged\n\nNothing would change; 3 objects unchanged.\n',
  )
  const busy = text(
    { ...counts, name: 'ingress', version: '3.7.1', create: 2, change: 1, unchanged: 5 },
    { ...counts, name: 'jaeger', version: null, delete: 4 },
  )
  expect(busy).toContain(
    '  ingress 3.7.1: 2 objects to create, 1 to change\n  jaeger (no longer configured): 4 to delete\n',
  )
  expect(busy).toContain('2 presets would change, too.\nNothing was changed.')
})
