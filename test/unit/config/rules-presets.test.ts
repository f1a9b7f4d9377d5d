import { expect, test } from 'vitest'
import { sourceName } from '../../../src/config/preset-source.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { usedPaths } from '../../../src/config/used-paths.ts'
import { check, files } from './rules-support.ts'

Object.assign(files, {
  '/p/charts/mail/Chart.yaml': '',
  '/p/base/kustomization.yaml': '',
  '/p/mail.yaml': '',
})

test.each([
  [{ chart: 'oci://example.com/charts/argo-cd', version: '^8', values: 'mail.yaml', set: { a: 1 } }],
  [{ chart: 'argo-cd', repo: 'https://charts.example.com' }],
  [{ chart: 'http://127.0.0.1:8080/mail-1.0.0.tgz' }],
  [{ chart: './charts/mail' }],
  [{ git: 'https://example.com/app.git', ref: 'v1.2', path: 'deploy/base' }],
  [{ git: 'http://[::1]:8080/app.git' }],
  [{ kustomize: './base' }],
  [{ manifests: ['https://example.com/install.yaml', './mail.yaml'], namespace: 'mail', needs: ['ingress'] }],
])('a preset that the configuration describes: %j', (entry) => {
  expect(check({ presets: [entry] })).toEqual([])
})

test.each([
  [{}, /presets\[0\]: does not say where the preset comes from.*chart, git, kustomize, manifests/],
  [{ chart: './charts/mail', kustomize: './base' }, /presets\[0\]: has chart and kustomize/],
  [{ kustomize: './base', version: '1.0.0' }, /presets\[0\]\.version: is only for a chart/],
  [{ manifests: './mail.yaml', set: { a: 1 } }, /presets\[0\]\.set: is only for charts/],
  [{ manifests: './mail.yaml', ref: 'v1' }, /presets\[0\]\.ref: is only for git/],
  [{ chart: 'a', repo: 'http://charts.example.com' }, /presets\[0\]\.repo: is fetched without encryption/],
  [{ git: 'http://example.com/a.git' }, /presets\[0\]\.git: is fetched without encryption/],
  [{ git: 'ext::sh -c id' }, /presets\[0\]\.git: is not a URL/],
  [{ git: 'ssh://git@example.com/a' }, /presets\[0\]\.git: is not a URL/],
  [{ git: '--upload-pack=id' }, /presets\[0\]\.git: is not a URL/],
  [{ git: 'https://me:word@example.com/a.git' }, /presets\[0\]\.git: contains credentials/],
  [{ git: 'https://example.com/a.git', ref: '--upload-pack=id' }, /presets\[0\]\.ref: must be a branch/],
  [{ git: 'https://example.com/a.git', path: '../other' }, /presets\[0\]\.path: must be a folder in the repository/],
  [{ git: 'https://example.com/a.git', path: '/etc' }, /presets\[0\]\.path: must be a folder in the repository/],
  [{ manifests: 'file:///etc/passwd' }, /presets\[0\]\.manifests\[0\]: is not a URL/],
  [{ manifests: './none.yaml' }, /presets\[0\]\.manifests\[0\]: refers to none\.yaml, which does not exist/],
  [{ kustomize: './charts' }, /presets\[0\]\.kustomize: refers to charts, which contains no kustomization/],
  [{ chart: './base' }, /presets\[0\]\.chart: refers to base, which is not a Helm chart/],
  [{ chart: './charts/mail', values: 'none.yaml' }, /presets\[0\]\.values\[0\]: refers to none\.yaml/],
  [{ chart: 'oci://example.com/a:1.0' }, /presets\[0\]\.chart: must not contain a tag/],
  [{ manifests: 'https://example.com/%.yaml' }, /presets\[0\]: has no name/],
  [{ chrat: 'a' }, /presets\[0\]\.chrat: is unknown.*chart/],
])('%j is refused', (entry, message) => {
  expect(check({ presets: [entry as never] }).join('\n')).toMatch(message)
})

test('two presets of one name are refused', () => {
  const twice = [{ chart: './charts/mail' }, { name: 'mail', kustomize: './base' }]
  expect(check({ presets: twice }).join('\n')).toMatch(/presets\[1\]: repeats "mail"/)
})

test.each([
  [{ chart: 'oci://example.com/charts/argo-cd' }, 'argo-cd'],
  [{ chart: 'https://example.com/mail-1.2.3.tgz' }, 'mail'],
  [{ git: 'https://example.com/org/App_One.git' }, 'app-one'],
  [{ git: 'https://example.com/app.git', path: 'deploy/dev/' }, 'dev'],
  [{ manifests: ['https://example.com/v1/install.yaml?raw=true'] }, 'install'],
  [{ name: 'own', chart: 'x' }, 'own'],
])('the name of %j is %s', (entry, name) => {
  expect(sourceName({ values: [], set: {}, needs: [], ...entry })).toBe(name)
})

test('local files of a preset are used paths, and addresses are not', () => {
  const presets = [
    { chart: './charts/mail', values: ['mail.yaml'] },
    { manifests: ['https://example.com/install.yaml', './mail.yaml'] },
    { kustomize: './base' },
  ]
  const config = resolveConfig(configSchema.parse({ name: 'p', presets }), '/p/c.yaml', '/p')
  expect(usedPaths(config).map(({ at, path }) => `${at.join('.')} ${path}`)).toEqual([
    'presets.0.chart /p/charts/mail',
    'presets.0.values.0 /p/mail.yaml',
    'presets.1.manifests.1 /p/mail.yaml',
    'presets.2.kustomize /p/base',
  ])
})
