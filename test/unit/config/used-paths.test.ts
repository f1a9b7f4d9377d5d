import { expect, test } from 'vitest'
import { formatPath } from '../../../src/config/problems.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { usedPaths } from '../../../src/config/used-paths.ts'

/** A configuration with every key that takes a path; each path begins with `@`. */
const written = {
  name: 'p',
  cluster: { mount: '@mount:/srv', cni: '@cni.yaml', kubeconfig: '@kubeconfig' },
  presets: ['./@preset', 'ingress'],
  deploy: {
    manifests: ['@k8s', '@more/*.yaml'],
    kustomize: '@overlay',
    overlays: { other: '@other' },
    helm: [
      { name: 'a', chart: '@chart', values: ['@values.yaml'] },
      { name: 'b', chart: 'oci://host/chart', values: ['@second.yaml'] },
    ],
  },
  services: {
    web: {
      build: {
        context: '@app',
        dockerfile: '../@Dockerfile',
        contexts: { a: '@context', b: 'oci-layout://@layout:1.0', c: 'service:web', d: 'docker-image://a', e: 'x:@e' },
        ssh: ['default', 'key=@key,@key2'],
        secrets: { s: { file: '@secret' }, e: { env: 'TOKEN' } },
        caCertificates: '@ca.pem',
      },
      sync: [{ from: '@app/src', to: '/src' }],
    },
  },
  externals: {
    db: { build: { context: '@db' }, port: 1, secret: { fromEnvFile: '@.env', orElse: '@.env.example' } },
  },
  secrets: { s: { fromEnvFile: '@secrets.env' } },
}
const { profiles: _, ...parsed } = configSchema.parse(written)
const config = resolveConfig(parsed, '/p/c.yaml', '/p')

/** Every text in a value that contains a path, with the paths in it. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(/\/p\/[^,:]*(:@[\w]+)?/g)].map(([path]) => path)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : []
}

test('every path of a configuration is known, but that of the kubeconfig and those of overlays that are not deployed', () => {
  const known = usedPaths(config).map(({ path }) => path)
  const { file: __, ...rest } = config
  const others = ['/p/@kubeconfig', '/p/@other']
  expect([...new Set([...known, ...others])].sort()).toEqual([...new Set(pathsIn(rest))].sort())
})

test('each path has the place where the configuration names it', () => {
  const places = usedPaths(config).map(({ at, path }) => `${formatPath(at)} ${path}`)
  expect(places).toContain('services.web.build.ssh[1] /p/@key2')
  expect(places).toContain('services.web.build.contexts.b /p/@layout')
  const chosen = { ...config, overlay: 'other', deploy: { ...config.deploy, kustomize: ['/p/@other'] } }
  expect(usedPaths(chosen).map(({ at }) => formatPath(at))).toContain('deploy.overlays.other[0]')
})
