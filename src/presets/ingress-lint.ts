import type { KubeObject } from '../kube/api.ts'
import { nameOf } from '../kube/api.ts'

const prefix = 'nginx.ingress.kubernetes.io/'

/** What Traefik's provider for ingress-nginx passes over in every version, with what to do instead. */
const without: Readonly<Record<string, string>> = {
  'denylist-source-range': 'name the networks that may come, with allowlist-source-range',
  'mirror-target': 'a HTTPRoute with the filter RequestMirror does it',
  'mirror-host': 'a HTTPRoute with the filter RequestMirror does it',
  'mirror-request-body': 'a HTTPRoute with the filter RequestMirror does it',
  'enable-opentelemetry': 'Traefik traces by its own settings',
  'enable-opentracing': 'Traefik traces by its own settings',
  satisfy: 'all conditions have to be met',
  'proxy-redirect-from': 'let the application send the right Location',
  'proxy-redirect-to': 'let the application send the right Location',
  'proxy-cookie-domain': 'let the application set its cookies',
  'proxy-cookie-path': 'let the application set its cookies',
  'limit-rate': 'limit-rps limits requests, not bytes',
  'limit-rate-after': 'limit-rps limits requests, not bytes',
  'limit-whitelist': 'every client is limited',
  'global-rate-limit': 'limit-rps counts in each pod',
  'ssl-ciphers': 'Traefik has its own list',
  'ssl-prefer-server-ciphers': 'Traefik has its own list',
  'auth-cache-key': 'every request is asked for',
  'auth-cache-duration': 'every request is asked for',
  'auth-tls-error-page': 'clients without a certificate get 403',
  'auth-tls-match-cn': 'check the name in the application',
  'stream-snippet': 'it is nginx’ own language',
  'configuration-snippet': 'it is nginx’ own language, of which Traefik knows a few words when it is allowed to',
  'server-snippet': 'it is nginx’ own language, of which Traefik knows a few words when it is allowed to',
  'modsecurity-snippet': 'Traefik has no ModSecurity',
  'enable-modsecurity': 'Traefik has no ModSecurity',
  'enable-owasp-core-rules': 'Traefik has no ModSecurity',
}

/** What Traefik knows since 3.7, and a 3.6 passes over. */
const since37 = [
  ...[
    'canary',
    'canary-weight',
    'canary-weight-total',
    'canary-by-header',
    'canary-by-header-value',
    'canary-by-cookie',
  ],
  ...['rewrite-target', 'app-root', 'permanent-redirect', 'temporal-redirect', 'from-to-www-redirect', 'server-alias'],
  ...['limit-rps', 'limit-rpm', 'limit-connections', 'proxy-body-size', 'proxy-read-timeout', 'proxy-send-timeout'],
  ...['proxy-connect-timeout', 'whitelist-source-range', 'allowlist-source-range', 'custom-headers', 'upstream-vhost'],
  ...['custom-http-errors', 'default-backend', 'auth-signin', 'auth-tls-secret', 'proxy-request-buffering'],
]

/**
 * A sentence for each annotation of an Ingress that will not work with this version of Traefik (`3.7.11`), and for each path that it
 * will not reach, in the objects' order. Pure.
 */
export function ingressWarnings(objects: readonly KubeObject[], version: string): string[] {
  const ingresses = objects.filter(
    ({ kind, apiVersion }) => kind === 'Ingress' && apiVersion.startsWith('networking.k8s.io/'),
  )
  return [...ingresses.flatMap((ingress) => annotationWarnings(ingress, version)), ...pathWarnings(ingresses)]
}

function annotationWarnings(ingress: KubeObject, version: string): string[] {
  const old = /^v?3\.[0-6](\.|$)/.test(version)
  return Object.keys(ingress.metadata.annotations ?? {}).flatMap((key) => {
    if (!key.startsWith(prefix)) return []
    const name = key.slice(prefix.length)
    const instead = without[name]
    if (instead !== undefined) return [`${nameOf(ingress)}: ${name} has no effect; ${instead}`]
    return old && since37.includes(name) ? [`${nameOf(ingress)}: ${name} needs Traefik 3.7, this is ${version}`] : []
  })
}

interface IngressRule {
  readonly host?: string
  readonly http?: { readonly paths?: readonly { readonly path?: string; readonly pathType?: string }[] }
}

/**
 * Traefik asks its longest rule first, and gives a prefix a longer one than an exact path (`buildRule` in pkg/provider/kubernetes/
 * ingress-nginx/translator.go of 3.7), so that `/api` takes what an exact `/api/health` should have.
 */
function pathWarnings(ingresses: readonly KubeObject[]): string[] {
  const paths = ingresses.flatMap((ingress) =>
    ((ingress.spec as { rules?: readonly IngressRule[] } | undefined)?.rules ?? []).flatMap(({ host = '', http }) =>
      (http?.paths ?? []).map(({ path = '/', pathType }) => ({ ingress, host, path, exact: pathType === 'Exact' })),
    ),
  )
  const below = (path: string, parent: string) => path === parent || path.startsWith(`${parent.replace(/\/$/, '')}/`)
  return paths
    .filter(({ exact }) => exact)
    .flatMap(({ ingress, host, path }) => {
      const taker = paths.find(
        (other) =>
          !other.exact && other.host === host && below(path, other.path) && exactRule(path) <= prefixRule(other.path),
      )
      if (taker === undefined) return []
      return [
        `${nameOf(ingress)}: the exact path ${path} is taken by the prefix ${taker.path}, whose rule Traefik puts first; ` +
          'pathType: Prefix reaches it',
      ]
    })
}

const exactRule = (path: string) => `Path("${path}")`.length
function prefixRule(path: string): number {
  const bare = path.replace(/\/$/, '')
  return (bare === '' ? 'PathPrefix("/")' : `(Path("${bare}") || PathPrefix("${bare}/"))`).length
}
