/** What a page or program can do that reaches a preset through its forward: rules for all presets, and for what they are made of. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Container, containersOf, podTemplate } from '../../../src/manifests/workload.ts'
import { builtInNames, readBuiltIn } from '../../../src/presets/folder.ts'
import { presetManifests } from '../../../src/presets/manifests.ts'

const library = fileURLToPath(new URL('../../../presets/', import.meta.url))

/** What of a container would let everybody who reaches it change or stop it. */
function openings({ image = '', args = [], command = [], env = [] }: Container): string[] {
  const words = [...(command as string[]), ...(args as string[])]
  const of = new Map((env as { name: string; value?: string }[]).map(({ name, value }) => [name, value]))
  const found = words.filter((word) => /^--(web\.enable-(lifecycle|admin-api)|api\.insecure|api\.dashboard)/.test(word))
  if (of.get('GF_AUTH_ANONYMOUS_ORG_ROLE') === 'Admin') found.push('an administrator for everybody')
  if (image.includes('/grafana:') && of.get('GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION') !== 'true')
    found.push('the password of the documentation')
  if (of.get('xpack.security.enabled') === 'false') found.push('no password')
  return found
}

test('no preset has an administrator for everybody, an endpoint that stops it, or a store without a password', async () => {
  const names = await builtInNames(library)
  const presets = await readBuiltIn(library, names)
  const images: string[] = []
  for (const preset of presets) {
    const objects = await presetManifests(preset, names)
    const containers = objects.flatMap(({ object }) => podTemplate(object) ?? []).flatMap(containersOf)
    for (const container of containers) {
      images.push(container.image ?? '')
      expect([preset.name, container.name, openings(container)]).toEqual([preset.name, container.name, []])
    }
  }
  for (const part of ['/grafana:', '/prometheus:', '/elasticsearch:', '/traefik:']) {
    expect(
      images.filter((image) => image.includes(part)),
      part,
    ).not.toEqual([])
  }
})

test.each<[string, Container]>([
  ['a lifecycle endpoint', { name: 'a', image: 'prom/prometheus:v3', args: ['--web.enable-lifecycle'] }],
  [
    'an administrator',
    { name: 'a', image: 'x/grafana:1', env: [{ name: 'GF_AUTH_ANONYMOUS_ORG_ROLE', value: 'Admin' }] },
  ],
  [
    'an open store',
    { name: 'a', image: 'x/elasticsearch:9', env: [{ name: 'xpack.security.enabled', value: 'false' }] },
  ],
])('%s would be found', (_what, container) => {
  expect(openings(container)).not.toEqual([])
})
